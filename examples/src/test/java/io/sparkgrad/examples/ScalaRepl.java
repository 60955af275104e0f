package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Scala's REPL in a process of its own, as Zeppelin or spark-shell start it: each cell becomes a
 * class, and Spark serves the classes to the executors.
 */
final class ScalaRepl {
  private final String classPath;
  private final String master;
  private final List<String> settings;
  private final boolean sparkShell;

  private ScalaRepl(String classPath, String master, List<String> settings, boolean sparkShell) {
    this.classPath = classPath;
    this.master = master;
    this.settings = settings;
    this.sparkShell = sparkShell;
  }

  /**
   * With the options that Zeppelin gives it.
   *
   * @param classPath Spark, the compiler of its Scala, and sparkgrad
   * @param settings of the session, {@code key=value}
   */
  static ScalaRepl ofZeppelin(String classPath, String master, List<String> settings) {
    return new ScalaRepl(classPath, master, settings, false);
  }

  /**
   * The real spark-shell.
   *
   * @param classPath Spark with its shell
   * @param settings of spark-submit, {@code key=value}
   */
  static ScalaRepl sparkShell(String classPath, String master, List<String> settings) {
    return new ScalaRepl(classPath, master, settings, true);
  }

  /** Runs cells, and checks what they print. */
  void run(ScalaCells cells, Path folder) throws Exception {
    Files.createDirectories(folder);
    String printed = run(cells.input(folder), folder);
    cells.check(printed);
  }

  /** Runs lines of the REPL's input, its commands among them; what it prints. */
  String run(String lines, Path folder) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    Path input =
        Files.writeString(
            folder.resolve("input.scala"), start(classes) + lines + "spark.stop()\n:quit\n");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            // As with both compilers: for one alone Java takes 48 MB, which thirty cells fill.
            "-XX:ReservedCodeCacheSize=240m",
            "-Xmx1g",
            "-Dscala.usejavacp=true",
            "-Dscala.color=false",
            "-Dorg.jline.terminal.dumb=true"));
    command.addAll(List.of("-cp", classPath));
    command.addAll(sparkShell ? shell() : repl(classes));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().remove("SPARK_HOME");
    Process process = builder.start();
    try {
      int status = process.waitFor();
      String printed = Files.readString(output);
      assertEquals(0, status, printed);
      return printed;
    } finally {
      process.destroy();
    }
  }

  private static List<String> repl(Path classes) {
    return List.of(
        "scala.tools.nsc.MainGenericRunner",
        "-Yrepl-class-based",
        "-Yrepl-outdir",
        classes.toString());
  }

  private List<String> shell() {
    List<String> command = new ArrayList<>(List.of("org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", master, "--class", "org.apache.spark.repl.Main"));
    command.addAll(List.of("--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--conf", "spark.sql.shuffle.partitions=2"));
    for (String setting : settings) command.addAll(List.of("--conf", setting));
    command.add("spark-shell");
    return command;
  }

  /* Without a log: what Spark says of lost connections is no output of a cell. */
  private String start(Path classes) {
    return (sparkShell ? "" : session(classes)) + "sc.setLogLevel(\"OFF\")\n";
  }

  /* What Zeppelin binds and imports before the first cell. */
  private String session(Path classes) {
    String configured =
        settings.stream()
            .map(
                s ->
                    ".config(\"%s\", \"%s\")"
                        .formatted(s.substring(0, s.indexOf('=')), s.substring(s.indexOf('=') + 1)))
            .collect(Collectors.joining());
    return """
    @transient val spark = org.apache.spark.sql.SparkSession.builder().master("%s").config("spark.repl.class.outputDir", "%s").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")%s.getOrCreate()
    @transient val sc = spark.sparkContext
    import org.apache.spark.SparkContext._
    import spark.implicits._
    import spark.sql
    import org.apache.spark.sql.functions._
    object z extends Serializable { def show(d: org.apache.spark.sql.Dataset[_]) = { println(d.columns.mkString("%%table ", "\\t", "")); d.toDF.collect.foreach(r => println(r.mkString("\\t"))) } }
    """
        .formatted(master, classes, configured);
  }

  /** The jars of this test's class path, without sparkgrad's classes. */
  static String jarsWithoutOurs() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
        .filter(entry -> !entry.contains("sparkgrad") && entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
