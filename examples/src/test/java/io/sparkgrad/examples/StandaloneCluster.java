package io.sparkgrad.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.launcher.JavaModuleOptions;

/** Spark's standalone cluster as processes of this machine: a master and workers of one core. */
final class StandaloneCluster implements AutoCloseable {
  private static final Pattern URL = Pattern.compile("spark://127\\.0\\.0\\.1:\\d+");
  private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");

  private final List<Process> processes = new ArrayList<>(); // the master first
  private final String classPath;
  private final String scala;
  private final Path folder;
  private final List<String> options;
  private final String url;

  /** As the other one, by Spark's own settings. */
  StandaloneCluster(String classPath, String scala, Path folder) throws Exception {
    this(classPath, scala, folder, List.of());
  }

  /**
   * Starts it with two workers.
   *
   * @param classPath of the Spark, which executors inherit
   * @param scala its binary version
   * @param folder for logs and the executors' files
   * @param options of Java, for the master and the workers
   */
  StandaloneCluster(String classPath, String scala, Path folder, List<String> options)
      throws Exception {
    this.options = options;
    this.classPath = classPath;
    this.scala = scala;
    this.folder = folder;
    Files.createDirectories(folder.resolve("home/jars"));
    try {
      url = start("master", URL, "master.Master", "--port", "0", "--webui-port", "0");
      startWorker();
      startWorker();
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  /** Starts one more, and returns when the master has it. */
  void startWorker() throws Exception {
    String name = "worker" + processes.size();
    start(
        name,
        REGISTERED,
        "worker.Worker",
        "-c",
        "1",
        "-m",
        "1g",
        "--webui-port",
        "0",
        "-d",
        folder.resolve(name).toString(),
        url);
  }

  /** Kills the first, second ... of the workers that were started; its executor ends by itself. */
  void killWorker(int number) {
    processes.get(number).destroyForcibly().onExit().join();
  }

  String url() {
    return url;
  }

  /** What executors need beside it, as settings of the driver: there is no home with jars. */
  List<String> settings() {
    return List.of(
        "spark.executor.extraClassPath=" + classPath,
        "spark.executor.memory=512m",
        "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1",
        "spark.executor.cores=1",
        "spark.cores.max=2");
  }

  private String start(String name, Pattern ready, String main, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(options);
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classPath,
            "org.apache.spark.deploy." + main));
    command.addAll(List.of("--host", "127.0.0.1"));
    command.addAll(List.of(arguments));
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", scala);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    processes.add(process);
    while (process.isAlive()) {
      Matcher m = ready.matcher(Files.readString(log));
      if (m.find()) return m.group();
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
    throw new IOException("the %s ended: %s".formatted(name, Files.readString(log)));
  }

  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).destroy();
      processes.get(i).onExit().join();
    }
  }
}
