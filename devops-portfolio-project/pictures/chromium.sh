#!/bin/sh
# Starts whichever Chromium this machine has. Root has no sandbox of its own to start it in.
for browser in chromium chromium-browser google-chrome google-chrome-stable \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
  if found=$(command -v "$browser"); then
    if [ "$(id -u)" = 0 ]; then exec "$found" --no-sandbox "$@"; fi
    exec "$found" "$@"
  fi
done
echo "no Chromium found: install one (Debian, Ubuntu: apt install chromium; macOS: brew install chromium)" >&2
exit 127
