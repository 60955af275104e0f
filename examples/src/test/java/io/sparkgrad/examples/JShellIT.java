package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The session for JShell, by the command of the page on notebooks. */
class JShellIT {
  @Test
  void theSessionPrintsWhatItSays(@TempDir Path spark) throws Exception {
    Path jars = Files.createDirectory(spark.resolve("jars"));
    for (String jar : ScalaRepl.jarsWithoutOurs().split(File.pathSeparator))
      Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
    Path output = spark.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", command())
            .directory(new File(".."))
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("SPARK_HOME", spark.toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    String bin = Path.of(System.getProperty("java.home"), "bin").toString();
    builder.environment().merge("PATH", bin, (path, b) -> b + File.pathSeparator + path);
    int status = builder.start().waitFor();
    String printed = Files.readString(output);
    assertEquals(0, status, printed);
    assertFalse(printed.contains("Exception") || printed.contains("Error:"), printed);
    String session = Files.readString(Path.of("notebooks/train.jsh"));
    assertEquals("", ScalaCells.missing(session, printed), printed);
  }

  private static String command() throws Exception {
    String page = Files.readString(Path.of("docs/notebooks.md"));
    Matcher block = Pattern.compile("(?s)```bash\n(.*?)```").matcher(page);
    assertEquals(true, block.find(), page);
    return block.group(1);
  }
}
