# Each target delegates into the folder that owns it and passes the siblings' paths along.
# Variables given to make (PORT, PYTHON, KUBECONFIG, REGISTRY, OWNER, …) reach them too. `make help` lists the targets.
SHELL := bash
.DEFAULT_GOAL := help

SIBLINGS := WORKSPACE_DIR=$(CURDIR) APP_DIR=$(CURDIR)/flask-app INFRA_DIR=$(CURDIR)/infra-k8s DOCS_DIR=$(CURDIR)/devops-portfolio-project
in = @$(MAKE) --no-print-directory -C $(1) $(SIBLINGS)

app := $(call in,flask-app)
infra := $(call in,infra-k8s)
docs := $(call in,devops-portfolio-project)
ci := $(call in,.ci)
each = @MAKE="$(MAKE)" .ci/each $@ $(SIBLINGS)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Start here
.PHONY: up
up: ## run app, Prometheus and light traffic on this machine, no cluster (PORT, PROMETHEUS_PORT, GRAFANA_PORT; GRAFANA=0 for none)
	$(infra) up
.PHONY: test
test: ## run every test that needs no cluster
	$(each)
.PHONY: minikube
minikube: ## the whole chain on a laptop's minikube
	$(infra) minikube
.PHONY: minikube-down
minikube-down: ## delete that minikube, unless other work is in it (FORCE=1: in any case)
	$(infra) minikube-down

##@ Everyday
.PHONY: setup
setup: ## make each repository's virtual environment
	$(each)
.PHONY: format
format: ## format the code
	$(each)
.PHONY: check
check: ## lint and type-check everything
	$(each)
.PHONY: run
run: ## serve the application alone (PORT)
	$(app) run
.PHONY: image
image: ## build the image (IMAGE, TAG, PLATFORMS, PUSH=1)
	$(app) image
.PHONY: bench
bench: ## measure what the application costs beside others
	$(app) bench
.PHONY: doctor
doctor: ## name the first broken link of a release's chain
	$(infra) doctor
.PHONY: dashboards
dashboards: ## generate the Grafana dashboards into the chart
	$(infra) dashboards
.PHONY: diagram
diagram: ## draw the architecture diagram from its source
	$(docs) diagram
.PHONY: screenshots
screenshots: ## take the pictures from the real thing (ONLY, KUBECONFIG, NAMESPACE, GRAFANA_URL)
	$(docs) screenshots CI_LOG=$(CURDIR)/infra-k8s/build/workflows/ci.log CD_LOG=$(CURDIR)/infra-k8s/build/workflows/cd.log
.PHONY: clean
clean: ## remove what make made
	$(each)

##@ Proofs
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
.PHONY: e2e
e2e: ## prove the chain on a cluster (KUBECONFIG, REGISTRY)
	$(infra) e2e
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
pipeline: workflows ## the same as workflows
.PHONY: proofs
proofs: ## write what the proofs' last runs recorded into PROOFS.md
	$(docs) proofs

##@ Publish
.PHONY: publish
publish: ## show the folders as repositories of OWNER (NAME, TO=<folder of bare ones>); GO=1 publishes
	$(ci) publish
.PHONY: publish-proof
publish-proof: setup ## prove that each of them, under other names too, passes its check and test alone (OWNER, NAME)
	$(ci) publish-proof
