# shellcheck shell=bash disable=SC2034 # its variables are for the scripts that source it
# Where the chart is published: `source` it. REGISTRY and OWNER say it; a registry knows lower case only.
set -euo pipefail
fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}
[[ ${REGISTRY:-ghcr.io} =~ ^[A-Za-z0-9][A-Za-z0-9.:-]*$ ]] || fail "REGISTRY='$REGISTRY': it must be a registry's name"
[[ ${OWNER:-} =~ ^[A-Za-z0-9_-]+$ ]] || fail "OWNER='${OWNER:-}': it must be the owner of the chart"
charts=$(tr '[:upper:]' '[:lower:]' <<<"${REGISTRY:-ghcr.io}/$OWNER/charts")
chart=$charts/flask-app
# A registry on this machine may speak plain http.
plain_helm=() plain_cosign=()
if [[ $charts == 127.0.0.1:* || $charts == localhost:* ]]; then
  plain_helm=(--plain-http)
  plain_cosign=(--allow-http-registry)
fi
