#!/bin/sh
# The gate that all three pipelines of this folder run: check, validate, load. It ends with the first exit code that is not 0:
# 1 something did not hold, 2 a scenario is wrong, 3 the target cannot be used, 4 the run is incomplete.
#   SCENARIOS  the folder with the scenarios         SCENARIO  the one that is run as load (HARNESS_LOAD: by which of its loads)
#   TARGET     where to; sandbox brings its own      BASELINE  an earlier run to compare with, where there is one
#   TOLERANCE  how much worse than it is let pass
set -eu
SCENARIOS=${SCENARIOS:-scenarios}
SCENARIO=${SCENARIO:-$SCENARIOS/purchase.yaml}
TARGET=${TARGET:-sandbox}
BASELINE=${BASELINE:-baseline}
TOLERANCE=${TOLERANCE:-10%}
rm -rf results
mkdir results

set --
for file in "$SCENARIOS"/*.yaml; do
    if grep -q '^scenario:' "$file"; then set -- "$@" "$file"; fi # not what others include
done
harness check "$@"
harness validate "$SCENARIOS" --target "$TARGET" --format junit --out results/validation.xml

set -- --target "$TARGET" --seed 1 --out results/run
if [ -f "$BASELINE/summary.json" ]; then
    set -- "$@" --baseline "$BASELINE" --tolerance "$TOLERANCE" # leaves out a few saturated seconds, and says so
else
    set -- "$@" --strict # what others are to be compared with must not have any
fi
harness run "$SCENARIO" "$@"
