package io.sparkgrad.cluster;

import io.sparkgrad.tools.CudaSources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** Spark's settings for two workers with a GPU each, and the GPUs that the project emulates. */
final class TwoGpus {
  private TwoGpus() {}

  /** Settings of a standalone cluster: each worker has a GPU, each executor gets it. */
  static Map<String, String> settings() {
    return Map.of(
        "spark.worker.resource.gpu.amount", "1",
        "spark.worker.resource.gpu.discoveryScript", discovery().toString(),
        "spark.executor.resource.gpu.amount", "1",
        "spark.task.resource.gpu.amount", "0.5");
  }

  /** Lets executors find the emulated driver. */
  static Map<String, String> emulated() {
    return Map.of(
        "spark.executor.extraLibraryPath",
        driver().toString(),
        "spark.executorEnv.SPARKGRAD_EMULATED_DEVICES",
        "2",
        "spark.executorEnv.CUDA_VISIBLE_DEVICES", // hidden from the tests' own JVM
        "0,1");
  }

  /* The workers of local-cluster run on one machine: each finds the first GPU that is not taken. */
  private static Path discovery() {
    try {
      Path folder = Files.createTempDirectory(Path.of("target"), "gpus").toAbsolutePath();
      Path script = folder.resolve("gpu-discovery");
      Files.writeString(
          script,
          """
          #!/bin/sh
          for gpu in 0 1; do
            if mkdir "$(dirname "$0")/$gpu" 2>/dev/null; then
              echo '{"name": "gpu", "addresses": ["'$gpu'"]}'
              exit
            fi
          done
          exit 1
          """);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
      return script;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder of its libcuda.so.1, built if it is older than its sources. */
  private static Path driver() {
    Path out = Path.of("target", "emulated-driver").toAbsolutePath();
    try {
      CudaSources.main(new String[] {out.resolve("cuda").toString()});
      Process build =
          new ProcessBuilder(
                  "../engine/gpu/emulated-driver", out.toString(), out.resolve("cuda").toString())
              .redirectErrorStream(true)
              .start();
      String log = new String(build.getInputStream().readAllBytes());
      if (build.waitFor() != 0) throw new IllegalStateException(log);
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
