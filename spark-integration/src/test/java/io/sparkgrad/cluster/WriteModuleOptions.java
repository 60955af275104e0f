package io.sparkgrad.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Writes the JVM options that Spark's launcher gives its own JVMs into an argument file for the
 * tests' JVM.
 */
public final class WriteModuleOptions {
  private WriteModuleOptions() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Files.createDirectories(file.getParent());
    Files.createDirectories(
        file.resolveSibling("spark-home").resolve("jars")); // Spark wants to see it
    Files.writeString(file, JavaModuleOptions.defaultModuleOptions().replace(' ', '\n'));
  }
}
