#!/usr/bin/env bash
# SPARK_HOME=... MASTER=k8s://https://HOST:PORT IMAGE=... [NAMESPACE=default] kubernetes/submit.sh [spark-submit's options] APP.jar [...]
# IMAGE is a Spark image with Java 17 on linux-x86_64. APP.jar: a path inside the image as local:///opt/app.jar, or an address the pods reach.
# GPU=1 gives each executor a GPU: gpu.conf in place of spark-defaults.conf.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
settings=$here/spark-defaults.conf
[ -z "${GPU:-}" ] || settings=$here/gpu.conf
exec "${SPARK_HOME:?must name a Spark}/bin/spark-submit" --properties-file "$settings" \
  --master "${MASTER:?must name the cluster, k8s://https://HOST:PORT}" --deploy-mode cluster \
  --conf "spark.kubernetes.container.image=${IMAGE:?must name a Spark image with Java 17}" \
  --conf "spark.kubernetes.namespace=${NAMESPACE:-default}" "$@"
