#!/bin/sh
# Installs what tests need beside Python where that is possible: Chromium for the browser tests, Node.js and Mono to
# run what `harness snippet` prints. Without them those tests say that they were skipped (in CI they fail).
set -u
missing=""
has() { for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done; return 1; }
has chromium chromium-browser google-chrome || missing="$missing chromium"
has curl || missing="$missing curl"
has node || missing="$missing nodejs"
has mcs || missing="$missing mono-mcs libmono-system-net-http4.0-cil"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing …"
    apt-get update -qq >/dev/null 2>&1
    # shellcheck disable=SC2086 # several words are meant
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
        echo "Not all could be installed: tests that need it will be skipped (in CI they fail)."
else
    echo "Tests that need it will be skipped. To run them: apt-get install$missing"
fi
exit 0
