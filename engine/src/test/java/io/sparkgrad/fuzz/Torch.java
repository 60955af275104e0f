package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** PyTorch in a process of its own: programs in, what they gave out. */
final class Torch implements AutoCloseable {
  /** Debian's, with the PyTorch of its package. */
  static final String PYTHON = "/usr/bin/python3";

  static final String INSTALL =
      "apt-get install -y --no-install-recommends python3-torch libopenblas0-pthread";
  private static final Path RUNNER = Path.of("src/test/resources/fuzz/torch_runner.py");

  private final boolean perturbed;
  private Torch another;
  private Process process;
  private BufferedWriter in;
  private BufferedReader out;

  Torch() {
    this(false);
    requireTorch();
  }

  /* With memory that is not new when it comes, if perturbed. */
  private Torch(boolean perturbed) {
    this.perturbed = perturbed;
    start();
  }

  private static void requireTorch() {
    try {
      Process p =
          new ProcessBuilder(PYTHON, "-c", "import torch; print(torch.__version__)")
              .redirectErrorStream(true)
              .start();
      String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (p.waitFor() == 0 && said.startsWith("1.13")) return;
      throw new AssertionError(
          "The differential fuzzer needs PyTorch 1.13 in " + PYTHON + ": " + INSTALL + "\n" + said);
    } catch (IOException e) {
      throw new AssertionError("There is no " + PYTHON + " with PyTorch: " + INSTALL, e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void start() {
    ProcessBuilder python =
        new ProcessBuilder(PYTHON, RUNNER.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    if (perturbed) python.environment().put("MALLOC_PERTURB_", "165");
    try {
      process = python.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    in = process.outputWriter(StandardCharsets.UTF_8);
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** What a program gives, or null where PyTorch crashes or fails by its own words. */
  JsonNode observations(Program program) {
    JsonNode seen = ask(program.json());
    return seen == null || TorchFailure.isIn(program, seen) ? null : seen;
  }

  /**
   * Whether PyTorch sees other numbers where memory had others before: it reads what nobody wrote.
   */
  boolean readsUnwritten(Program program, JsonNode seen) {
    if (another == null) another = new Torch(true);
    JsonNode again = another.observations(program);
    return again == null || !Comparison.of(program, seen, again).isEmpty();
  }

  /** The program in Python. */
  String text(Program program) {
    return ask(program.json().replaceFirst("\\{", "{\"text\": true, ")).get("text").asText();
  }

  /** Those of the given methods (name, parameters, whether static) that have no counterpart. */
  List<String> missing(List<Map<String, Object>> methods) {
    try {
      JsonNode reply = ask(Program.JSON.writeValueAsString(Map.of("methods", methods)));
      return Program.JSON.convertValue(
          reply.get("missing"),
          Program.JSON.getTypeFactory().constructCollectionType(List.class, String.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode ask(String line) {
    try {
      in.write(line);
      in.write('\n');
      in.flush();
      String reply = out.readLine();
      if (reply != null) return Program.JSON.readTree(reply);
    } catch (IOException crashed) {
      // as below
    }
    process.destroy();
    start();
    return null;
  }

  @Override
  public void close() {
    if (another != null) another.close();
    process.destroy();
  }
}
