#!/bin/sh
# Starts whichever Chromium this machine has: the one place where that is decided, for mermaid-cli, puppeteer and us.
#
# Always without Chromium's sandbox. The sandbox protects a machine from untrusted pages; here only pages of our own are
# opened: the diagram, terminals, the application, and the Grafana that you name. And it is not available everywhere: not
# to root, and not where an ordinary user may create no user namespace (Ubuntu 24.04 with AppArmor, many containers).
for browser in chromium chromium-browser google-chrome google-chrome-stable \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
  if found=$(command -v "$browser"); then
    exec "$found" --no-sandbox "$@"
  fi
done
echo "no Chromium found: install one (Debian, Ubuntu: apt install chromium; macOS: brew install chromium)" >&2
exit 127
