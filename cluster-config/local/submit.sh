#!/usr/bin/env bash
# SPARK_HOME=... local/submit.sh [spark-submit's options] APP.jar [the application's options]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "${SPARK_HOME:?must name a Spark}/bin/spark-submit" --properties-file "$here/spark-defaults.conf" "$@"
