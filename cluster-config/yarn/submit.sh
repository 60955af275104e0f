#!/usr/bin/env bash
# SPARK_HOME=... HADOOP_CONF_DIR=... yarn/submit.sh [spark-submit's options] APP.jar [the application's options]
# YARN_JAVA_HOME names a Java 17 on the nodes, where their own Java is older.
# GPU=1 gives each executor a GPU: gpu.conf in place of spark-defaults.conf.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
settings=$here/spark-defaults.conf
[ -z "${GPU:-}" ] || settings=$here/gpu.conf
: "${HADOOP_CONF_DIR:?must name the folder with yarn-site.xml}"
java=()
[ -z "${YARN_JAVA_HOME:-}" ] ||
  java=(--conf "spark.yarn.appMasterEnv.JAVA_HOME=$YARN_JAVA_HOME" --conf "spark.executorEnv.JAVA_HOME=$YARN_JAVA_HOME")
gpu=()
[ -z "${GPU:-}" ] || gpu=(--files "$here/../gpu-discovery")
exec "${SPARK_HOME:?must name a Spark}/bin/spark-submit" --properties-file "$settings" \
  --master yarn ${gpu[@]+"${gpu[@]}"} ${java[@]+"${java[@]}"} "$@"
