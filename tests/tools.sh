#!/bin/sh
# Installs Chromium for the browser tests where that is possible; without it those tests say that they were skipped.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests …"
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 ||
        echo "Chromium could not be installed: browser tests will be skipped (in CI they fail)."
else
    echo "No Chromium: browser tests will be skipped. To run them: apt-get install chromium"
fi
exit 0
