# shellcheck shell=bash disable=SC2034 # its variables are for the scripts that source it
# The settings of the image's steps: `source` it. They come from the environment, are checked here and get their defaults.
# Nothing in these scripts needs a newer bash than macOS has (3.2).
set -euo pipefail
unset CDPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# fail MESSAGE: end the step with one line, which begins with its name.
fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# require FORM NAME…: refuse a variable that is set and has not the form. Everybody who may push a tag
# chooses its name, and git allows a name that is a command. So a value is checked before anything uses it.
require() {
  local form=$1 name
  shift
  for name in "$@"; do
    [[ -z ${!name+set} || ${!name} =~ ^$form$ ]] || fail "$name='${!name}' is refused: it must match $form"
  done
}

tag_form='[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
reference_form='([A-Za-z0-9][A-Za-z0-9._:/@,-]*)?'
require "$tag_form" TAG VERSION REVISION OWNER
require "$tag_form( $tag_form)*" TAGS
require "$reference_form" REGISTRY IMAGE BASE_IMAGE PLATFORMS INFRA_REPOSITORY GITHUB_REPOSITORY
require '(0|1|digest)' PUSH
require '(--(sbom|provenance)=[a-z=]+ ?)*' ATTEST

# What runs image/, which needs nothing but the standard library.
python=${PYTHON:-python3}
[ -n "${PYTHON:-}" ] || [ ! -x .venv/bin/python ] || python=.venv/bin/python

# The image has the name of its repository: the workflow's GITHUB_REPOSITORY, or OWNER's copy of this one. A registry
# knows lower case only. IMAGE names another image, or one by digest.
repository=${GITHUB_REPOSITORY:-${OWNER:-your-github-name}/flask-app}
image=$(tr '[:upper:]' '[:lower:]' <<<"${IMAGE:-${REGISTRY:-ghcr.io}/$repository}")
image_name=${image%%@*}
source_url=https://github.com/$repository
tag=${TAG:-0.1.0}
version=${VERSION:-${tag#v}}
# The commit; uncommitted changes are in none, so they are marked.
revision=${REVISION:-$(GIT_OPTIONAL_LOCKS=0 git describe --always --abbrev=40 --exclude '*' --dirty=-changed 2>/dev/null || echo unknown)}
# What is published runs on all of these.
platforms=${PLATFORMS:-linux/amd64,linux/arm64}
push=${PUSH:-0}
metadata=${METADATA:-build/image.json}
# `make attest` reads here which commit each step has passed at.
evidence=${EVIDENCE:-build/evidence}
# Files in the image are as old as the commit, so that two builds of it are equal.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH

# What is attested about an image that is published by digest.
all_attestations=(--provenance=mode=max --sbom=true)
build_arguments=("VERSION=$version" "REVISION=$revision" "SOURCE=$source_url")
[ -z "${BASE_IMAGE:-}" ] || build_arguments+=("BASE_IMAGE=$BASE_IMAGE")
build_command=(docker buildx build)
for each in "${build_arguments[@]}"; do build_command+=(--build-arg "$each"); done

# is_local: whether the registry is on this machine, where it may speak plain http.
is_local() { [[ $image == 127.0.0.1:* || $image == localhost:* ]]; }

# image_by_digest: print the image by digest: IMAGE if it has one, else what was built last.
image_by_digest() {
  if [[ $image == *@* ]]; then
    echo "$image"
  elif [ -f "$metadata" ]; then
    "$python" -c 'import json, sys; print(sys.argv[1] + "@" + json.load(open(sys.argv[2]))["containerimage.digest"])' "$image" "$metadata"
  else
    fail "nothing was built yet: make image"
  fi
}

# cosign's arguments for who signs. Keyless where the run has an identity (a workflow's); COSIGN_KEY signs with a key pair
# and no public log.
signer=(--yes)
[ -z "${COSIGN_KEY:-}" ] || signer+=(--key "$COSIGN_KEY" --tlog-upload=false --use-signing-config=false)
! is_local || signer+=(--allow-http-registry)

# passed STEP: leave the evidence that a step has passed at this commit.
passed() {
  mkdir -p "$evidence"
  echo "$revision" >"$evidence/$1"
}
