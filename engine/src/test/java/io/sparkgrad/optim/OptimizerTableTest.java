package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of optimizers and schedules in the documentation are the registries'. */
class OptimizerTableTest {
  private static final Path TABLE = Path.of("../examples/docs/optimizers.md");

  @Test
  void theTableInTheDocumentationIsCurrent() throws Exception {
    String table = optimizers() + schedules();
    if (Boolean.getBoolean("sparkgrad.write")) Files.writeString(TABLE, table);
    assertEquals(
        table,
        Files.exists(TABLE) ? Files.readString(TABLE) : "",
        "write it anew: ./mvnw -pl engine test -Dtest=OptimizerTableTest -Dsparkgrad.write=true");
  }

  private static String optimizers() {
    return """
        # Optimizers and schedules

        Written by OptimizerTableTest from the registries, `Optimizers.all()` and `Schedules.all()`. Settings are methods that
        return the changed rule: `new AdamW(1e-3).weightDecay(0.1)`. Of rows: whether a gradient of few rows, as of an embedding
        with `sparse()`, is taken. `weightDecay`, `maximize`, `clipValue`, `clipNorm` and `schedule` are every optimizer's, and so are groups, by
        the parameters' names, locally and on a cluster:

        ```java
        new AdamW(1e-3)
            .groups(
                ParameterGroup.of("*.bias").weightDecay(0),
                ParameterGroup.of("encoder.*").rateFactor(0.1),
                ParameterGroup.of("table.weight").frozen());
        ```

        `rule.over(model.namedParameters())` is the rule at work, as PyTorch's optimizer object; its `stateDict()` can be written
        as a safetensors file and loaded. Of a cluster's gradients `clipNorm` goes by those of all executors together, as
        LAMB does, and what they exchange for it is `TrainingResult.normWireBytes()`. `Clip.clipGradNorm_` and
        `clipGradValue_` clip between backward and a step, and `WeightAverage` averages the weights over steps, locally.

        | optimizer | with its defaults | remembered for each weight | of rows |
        |---|---|---|---|
        """
        + Optimizers.all().stream()
            .map(
                r ->
                    "| `%s` | `%s` | %s | %s |\n"
                        .formatted(r.getClass().getSimpleName(), r, slots(r), rows(r)))
            .collect(Collectors.joining());
  }

  private static String slots(Optimizer rule) {
    return rule.slots().isEmpty() ? "nothing" : "`" + String.join("`, `", rule.slots()) + "`";
  }

  private static String rows(Optimizer rule) {
    return !rule.takesSparse() ? "no" : rule.stepsRows() ? "yes, moves them alone" : "yes";
  }

  private static String schedules() {
    return """

        A schedule is a record, or a lambda of your own: `new SGD(0.1).schedule((lr, done) -> lr / (1 + done))`. Locally
        `ReduceLROnPlateau` lowers the rate when a metric stops improving. A warm-up before a decay:
        `new LinearLR(0.1, 1, 5).followedBy(new CosineAnnealingLR(100), 5)`.

        | schedule | arguments |
        |---|---|
        """
        + Schedules.all().stream()
            .map(s -> "| `%s` | %s |\n".formatted(s.getClass().getSimpleName(), arguments(s)))
            .collect(Collectors.joining());
  }

  private static String arguments(Schedule schedule) {
    return Arrays.stream(schedule.getClass().getRecordComponents())
        .map(RecordComponent::getName)
        .collect(Collectors.joining("`, `", "`", "`"));
  }
}
