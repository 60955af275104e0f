#!/usr/bin/env bash
# SPARK_HOME=... MASTER=spark://HOST:7077 standalone/submit.sh [spark-submit's options] APP.jar [the application's options]
# GPU=1 gives each executor a GPU: gpu.conf in place of spark-defaults.conf.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
settings=$here/spark-defaults.conf
[ -z "${GPU:-}" ] || settings=$here/gpu.conf
exec "${SPARK_HOME:?must name a Spark}/bin/spark-submit" --properties-file "$settings" \
  --master "${MASTER:?must name the master, spark://HOST:7077}" "$@"
