package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The finished application jar holds what Spark does not ship, and nothing else. */
class AppJarIT {
  @Test
  void holdsOnlyOursBytedecosAndJCudas() throws IOException {
    Set<String> strangers = new TreeSet<>(AppJar.entries());
    strangers.removeIf(
        e ->
            e.startsWith("io/sparkgrad/")
                || e.startsWith("org/bytedeco/")
                || e.startsWith("jcuda/")
                || e.matches("lib/libJ(CudaDriver|Cublas2)-[0-9.]+-linux-x86_64.so")
                || e.matches("META-INF/maven/org.bytedeco/\\w+/pom.properties")
                || Set.of("digits.csv.gz", "downloads.properties").contains(e)
                || Set.of("META-INF/MANIFEST.MF").contains(e)
                || Set.of("META-INF/LICENSE", "META-INF/NOTICE").contains(e));
    assertEquals(Set.of(), strangers);
  }

  @Test
  void holdsTheNativesThatBlasAndConvolutionsNeed() throws IOException {
    String platform = "/linux-x86_64/";
    Set<String> natives =
        AppJar.entries().stream()
            .filter(e -> e.contains(platform))
            .map(e -> e.substring(e.indexOf(platform) + platform.length()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(
        Set.of(
            "libOpenCL.so.1",
            "libdnnl.so.3",
            "libgcc_s.so.1",
            "libgfortran.so.5",
            "libgomp.so.1",
            "libjniOpenCL.so",
            "libjnidnnl.so",
            "libjnijavacpp.so",
            "libjniopenblas_nolapack.so",
            "libopenblas.so.0",
            "libquadmath.so.0"),
        natives);
  }

  /** Without the classes left out of the jar, and without anything beside it. */
  @Test
  void openBlasAndOneDnnLoadFromItAlone() throws Exception {
    try (URLClassLoader jar =
        new URLClassLoader(
            new URL[] {AppJar.FILE.toURI().toURL()}, ClassLoader.getPlatformClassLoader())) {
      Class<?> blas = jar.loadClass("org.bytedeco.openblas.global.openblas_nolapack");
      blas.getMethod("blas_set_num_threads", int.class).invoke(null, 1);
      assertEquals(1, blas.getMethod("blas_get_num_threads").invoke(null));
      Class<?> oneDnn = jar.loadClass("org.bytedeco.dnnl.global.dnnl");
      assertNotNull(oneDnn.getMethod("dnnl_version").invoke(null));
    }
  }

  /** So that examples/run can list and look up without Spark's jars. */
  @Test
  void listsTheExamplesWithoutSpark() throws Exception {
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process process =
        new ProcessBuilder(List.of(java, "-jar", AppJar.FILE.getPath()))
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), printed);
    assertEquals(Examples.list(), printed);
    assertTrue(printed.contains("spark-info"), printed);
  }
}
