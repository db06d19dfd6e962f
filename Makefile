# The workspace: each target delegates into the repository that owns it and passes the siblings' paths along.
# Variables given to make (PORT, PYTHON, KUBECONFIG, REGISTRY, OWNER, …) reach them too. `make help` lists the targets.
SHELL := bash
.DEFAULT_GOAL := help

SIBLINGS := WORKSPACE_DIR=$(CURDIR) APP_DIR=$(CURDIR)/flask-app INFRA_DIR=$(CURDIR)/infra-k8s DOCS_DIR=$(CURDIR)/devops-portfolio-project
REPOSITORIES := flask-app infra-k8s devops-portfolio-project $(patsubst %/Makefile,%,$(wildcard .workspace/Makefile))

app := @$(MAKE) --no-print-directory -C flask-app $(SIBLINGS)
infra := @$(MAKE) --no-print-directory -C infra-k8s $(SIBLINGS)
docs := @$(MAKE) --no-print-directory -C devops-portfolio-project $(SIBLINGS)
workspace := @$(MAKE) --no-print-directory -C .workspace $(SIBLINGS)

# each TARGET: in one repository after the other; stops at the first that fails and says how far it came.
define each
	@summary=; for repository in $(REPOSITORIES); do \
		printf '\n==> make %s: %s\n' $(1) "$$repository"; \
		begin=$$SECONDS; \
		if $(MAKE) --no-print-directory -C "$$repository" $(SIBLINGS) $(1); then \
			summary+="  passed  $$repository, $$((SECONDS - begin)) s"$$'\n'; \
		else \
			printf '\nmake %s:\n%s  FAILED  %s; those after it were not run\n' $(1) "$$summary" "$$repository" >&2; exit 1; \
		fi; \
	done; printf '\nmake %s:\n%s' $(1) "$$summary"
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Both commands of the README.
.PHONY: up
up: ## run app, Prometheus and light traffic on this machine, no cluster (PORT, PROMETHEUS_PORT)
	$(infra) up
.PHONY: test
test: setup ## run every test that needs no cluster
	$(call each,test)

# All repositories.
.PHONY: setup
setup: ## make each repository's virtual environment
	$(call each,setup)
.PHONY: format
format: ## format the code
	$(call each,format)
.PHONY: check
check: ## lint and type-check everything
	$(call each,check)
.PHONY: clean
clean: ## remove what make made
	$(call each,clean)

# The application.
.PHONY: run
run: ## serve the application alone (PORT)
	$(app) run
.PHONY: image
image: ## build the image (IMAGE, TAG, PLATFORMS, PUSH=1)
	$(app) image
.PHONY: bench
bench: ## measure what the application costs beside others
	$(app) bench
.PHONY: test-long
test-long: ## run the tests that take minutes
	$(app) test-long
	$(infra) test-long
.PHONY: reproducible
reproducible: ## build the image twice without cache: equal manifests, and how long it took
	$(app) reproducible
.PHONY: test-registry
test-registry: ## show what the verification of a published image refuses (REGISTRY, cosign)
	$(app) test-registry

# The chain.
.PHONY: minikube
minikube: ## the whole chain on a laptop's minikube
	$(infra) minikube
.PHONY: minikube-down
minikube-down: ## take that minikube away, unless somebody else's work is in it (FORCE=1: unseen)
	$(infra) minikube-down
.PHONY: e2e
e2e: ## prove the chain on a cluster (KUBECONFIG, REGISTRY)
	$(infra) e2e
.PHONY: doctor
doctor: ## name the first broken link of a release's chain
	$(infra) doctor
.PHONY: drills
drills: ## break each link on purpose; the doctor must name it
	$(infra) drills
.PHONY: chaos
chaos: ## steady load while pods, workers and nodes die
	$(infra) chaos
.PHONY: delivery
delivery: ## prove what keeps a bad release out or takes it back: signatures, attestations, the gate
	$(infra) delivery
.PHONY: workflows
workflows: ## run the workflow files by act on a cluster, as an ordinary user (KUBECONFIG, REGISTRY; SCENARIOS)
	$(infra) workflows
.PHONY: pipeline
pipeline: ## push four commits and see what becomes of each, on a cluster (KUBECONFIG, REGISTRY, NAMESPACE)
	$(infra) pipeline
.PHONY: dashboards
dashboards: ## generate the Grafana dashboards into the chart
	$(infra) dashboards

# Out into the world.
.PHONY: publish
publish: ## show the folders as repositories of OWNER (NAME, TO=<folder of bare ones>); GO=1 publishes
	$(workspace) publish
.PHONY: publish-proof
publish-proof: setup ## prove that each of them, renamed or not, passes its check and test alone (OWNER, NAME)
	$(workspace) publish-proof

# What a reader sees.
.PHONY: diagram
diagram: ## draw the architecture diagram from its source
	$(docs) diagram
.PHONY: proofs
proofs: ## write what the proofs' last runs recorded into PROOFS.md
	$(docs) proofs
.PHONY: screenshots
screenshots: ## take the pictures from the real thing (ONLY, KUBECONFIG, NAMESPACE, GRAFANA_URL)
	$(docs) screenshots CI_LOG=$(CURDIR)/infra-k8s/build/pipeline/ci.log CD_LOG=$(CURDIR)/infra-k8s/build/pipeline/cd.log
