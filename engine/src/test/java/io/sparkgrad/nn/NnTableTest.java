package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The page of modules, losses and metrics says what their Javadoc says. Written anew by {@code
 * -Dsparkgrad.write=true}.
 */
class NnTableTest {
  private static final Path PAGE = Path.of("../examples/docs/nn.md");
  private static final Path SOURCES = Path.of("src/main/java/io/sparkgrad/nn");
  private static final Pattern CLASS =
      Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s+public (?:final )?class ", Pattern.DOTALL);
  private static final Pattern METHOD =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+public static (?:Loss|Loss\\.Value|Metric|Metric\\.Value) (\\w+)\\(",
          Pattern.DOTALL);

  @Test
  void thePageIsCurrent() throws IOException {
    String page = page();
    if (Boolean.getBoolean("sparkgrad.write")) Files.writeString(PAGE, page);
    assertEquals(
        page,
        Files.readString(PAGE),
        "write it anew: ./mvnw -pl engine test -Dtest=NnTableTest -Dsparkgrad.write=true");
  }

  private static String page() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Modules, losses and metrics

            A module finds parameters, buffers and other modules among its fields, also in arrays, lists and ordered maps. A model of
            several inputs is a `NamedModule`, and its trainer names them:

            ```java
            class Wide extends NamedModule {
              Embedding table = new Embedding(1 << 12, 8);
              Linear out = new Linear(2 * 8 + 3, 1);
              public Tensors forward(Tensors in) {
                Tensor places = table.forward(in.get("ids")).flatten(1);
                return Tensors.of(out.forward(Tensor.cat(List.of(places, in.get("numbers")), 1)));
              }
            }

            SparkTrainer.of(Wide::new)
                .input("numbers", "distance", "hour", "weekday")     // float32 [rows, 3]
                .input("ids", Ids.of("origin", "dest").hashed(1 << 12)) // int64 [rows, 2]; strings are hashed
                .label("late").weight("seats")                       // a row counts as often as its weight says
                .loss(Losses::bceWithLogits)
                .optimizer(new Adam(1e-3))
                .validate(test).metric("auc", Metrics.areaUnderRoc()).earlyStopping(3, "auc", true)
                .fit(train);
            ```

            [From columns to tensors](columns.md) has the kinds of inputs and labels. In Scala: `override def forward(in: Tensors)`. `eval()` puts a model into the mode in which dropout drops nothing and batch norm takes
            its running mean; the trainer does so for validation and prediction, a service of your own must.

            Written by NnTableTest from the registry, `Modules.ALL`, and the Javadoc. What is PyTorch's has PyTorch's numbers, names
            in state dicts and text. Initial values are `Init`'s.

            | module | |
            |---|---|
            """);
    Map<String, String> modules = new LinkedHashMap<>();
    Modules.ALL.stream()
        .sorted(Comparator.comparing(Class::getSimpleName))
        .forEach(m -> modules.put(m.getSimpleName(), ofClass(m)));
    rows(page, modules);
    page.append(
        """

        A loss divides by the count of numbers where nothing else is said. Those with an argument, as `Losses.huber(0.5)`, are
        losses made by it.

        | loss | |
        |---|---|
        """);
    Map<String, String> losses = methods("Losses");
    losses.put("CrossEntropyLoss", ofClass(CrossEntropyLoss.class));
    rows(page, losses);
    page.append("\n| metric | |\n|---|---|\n");
    rows(page, methods("Metrics"));
    return page.toString();
  }

  private static void rows(StringBuilder page, Map<String, String> texts) {
    texts.forEach(
        (name, text) -> page.append("| `").append(name).append("` | ").append(text).append(" |\n"));
  }

  private static String ofClass(Class<?> c) {
    try {
      Matcher m = CLASS.matcher(Files.readString(SOURCES.resolve(c.getSimpleName() + ".java")));
      if (!m.find()) throw new AssertionError(c);
      return sentence(m.group(1));
    } catch (IOException e) {
      throw new AssertionError(c.getName(), e);
    }
  }

  /** The public ones of a class by name; of several of one name the first. */
  private static Map<String, String> methods(String type) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    Matcher m = METHOD.matcher(Files.readString(SOURCES.resolve(type + ".java")));
    while (m.find()) {
      String text = sentence(m.group(1));
      boolean refers = text.startsWith("As `") || text.startsWith("`" + m.group(2));
      if (!refers || !found.containsKey(m.group(2))) found.put(m.group(2), text);
    }
    return found;
  }

  private static String sentence(String javadoc) {
    String text = javadoc.replaceAll("\\s*\\n\\s*\\* ?", " ").replaceAll(" +", " ").trim();
    text = text.replaceAll("\\{@link #?(\\w+)(?:\\([^)]*\\))?\\}", "`$1`");
    text =
        text.replaceAll("\\{@link ([\\w#]+)[^}]*\\}", "`$1`")
            .replaceAll("\\{@code ([^}]*)\\}", "`$1`");
    Matcher end = Pattern.compile("\\.(?= [A-Z<@]|$)|\\.?(?= <p>| <pre>| @)").matcher(text);
    String first = end.find() ? text.substring(0, end.start()) : text;
    return first.replace("|", "\\|");
  }
}
