package io.sparkgrad.cluster.trained;

import io.sparkgrad.files.SafeTensors;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Columns, losses and settings of a training, as they stand in the metadata of the model's file.
 * Immutable.
 *
 * <p>The keys there: {@code sparkgrad.features.0}, ... (a column each), {@code sparkgrad.widths}
 * (numbers of each), {@code sparkgrad.history.loss} (numbers, an epoch each; other series beside
 * it), {@code sparkgrad.classes.0}, ... (names of the label's classes) and {@code
 * sparkgrad.run.seed} and the like.
 */
public final class TrainingFacts implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Names of series: the loss on the training rows, and on the validation rows. */
  public static final String LOSS = "loss";

  public static final String VALIDATION_LOSS = "validation loss";

  /** Those of {@link #history} that share a unit. */
  public static final List<String> LOSSES = List.of(LOSS, VALIDATION_LOSS);

  private static final String FORMAT = "sparkgrad.format";
  private static final String KNOWN_FORMAT = "1";
  private static final String FEATURES = "sparkgrad.features.";
  private static final String WIDTHS = "sparkgrad.widths";
  private static final String HISTORY = "sparkgrad.history.";
  private static final String RUN = "sparkgrad.run.";
  private static final String CLASSES = "sparkgrad.classes.";

  private final ArrayList<String> features;
  private final int[] widths;
  private final LinkedHashMap<String, double[]> history;
  private final LinkedHashMap<String, String> run;
  private final ArrayList<String> classes;

  /**
   * @param features the feature columns, in order
   * @param widths count of numbers in each
   * @param history series of one number an epoch, by name
   * @param run figures and settings as text: seed, workers, label, ...
   */
  public TrainingFacts(
      List<String> features,
      int[] widths,
      Map<String, List<Double>> history,
      Map<String, String> run) {
    this(features, widths, history, run, List.of());
  }

  /**
   * @param classes names of the label's classes, class 0 first; empty if it has none
   */
  public TrainingFacts(
      List<String> features,
      int[] widths,
      Map<String, List<Double>> history,
      Map<String, String> run,
      List<String> classes) {
    this.classes = new ArrayList<>(classes);
    this.features = new ArrayList<>(features);
    this.widths = widths.clone();
    this.history = new LinkedHashMap<>();
    history.forEach((name, s) -> this.history.put(name, s.stream().mapToDouble(d -> d).toArray()));
    this.run = new LinkedHashMap<>(run);
  }

  /** The columns that the model reads, in this order. */
  public List<String> features() {
    return List.copyOf(features);
  }

  /** Count of numbers in each feature column. */
  public int[] widths() {
    return widths.clone();
  }

  /** Series of one number an epoch, by name; {@code loss} is always there. */
  public Map<String, List<Double>> history() {
    Map<String, List<Double>> copy = new LinkedHashMap<>();
    history.forEach((name, s) -> copy.put(name, Arrays.stream(s).boxed().toList()));
    return copy;
  }

  /** Figures and settings of the run as text: {@code seed}, {@code workers}, {@code label}, ... */
  public Map<String, String> run() {
    return new LinkedHashMap<>(run);
  }

  /** Names of the label's classes, as StringIndexer found them; empty if the label had none. */
  public List<String> classes() {
    return List.copyOf(classes);
  }

  /** Reads the metadata of the file {@code path}. */
  static TrainingFacts of(String path, Map<String, String> metadata) {
    String format = metadata.get(FORMAT);
    if (format == null)
      throw new IllegalArgumentException(
          "%s does not say which columns its model reads: it was not saved by a TrainingResult. Its weights alone can be loaded by model.load(path)"
              .formatted(path));
    if (!format.equals(KNOWN_FORMAT))
      throw new IllegalArgumentException(
          "%s has %s %s, this version reads %s".formatted(path, FORMAT, format, KNOWN_FORMAT));
    List<String> features = new ArrayList<>();
    for (String f; (f = metadata.get(FEATURES + features.size())) != null; ) features.add(f);
    List<String> classes = new ArrayList<>();
    for (String c; (c = metadata.get(CLASSES + classes.size())) != null; ) classes.add(c);
    int[] widths = new int[features.size()];
    Map<String, List<Double>> history = new LinkedHashMap<>();
    try {
      double[] found = numbers(metadata.getOrDefault(WIDTHS, ""));
      if (found.length != widths.length || widths.length == 0)
        throw new NumberFormatException(found.length + " widths of " + widths.length + " columns");
      for (int i = 0; i < widths.length; i++) widths[i] = (int) found[i];
      metadata.forEach(
          (key, value) -> {
            if (key.startsWith(HISTORY))
              history.put(
                  key.substring(HISTORY.length()), Arrays.stream(numbers(value)).boxed().toList());
          });
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(path + " has damaged metadata: " + e.getMessage(), e);
    }
    Map<String, String> run = new LinkedHashMap<>();
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(RUN)) run.put(key.substring(RUN.length()), value);
        });
    return new TrainingFacts(features, widths, history, run, classes);
  }

  Map<String, String> toMetadata() {
    Map<String, String> metadata = new LinkedHashMap<>(SafeTensors.PYTORCH);
    metadata.put(FORMAT, KNOWN_FORMAT);
    for (int i = 0; i < features.size(); i++) metadata.put(FEATURES + i, features.get(i));
    metadata.put(
        WIDTHS, Arrays.stream(widths).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
    for (int i = 0; i < classes.size(); i++) metadata.put(CLASSES + i, classes.get(i));
    history.forEach((name, s) -> metadata.put(HISTORY + name, text(s)));
    run.forEach((name, value) -> metadata.put(RUN + name, value));
    return metadata;
  }

  /* Double.toString is read back to the bit. */
  private static String text(double[] numbers) {
    return Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(" "));
  }

  private static double[] numbers(String text) {
    if (text.isEmpty()) return new double[0];
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Override
  public String toString() {
    return "features " + features + ", " + run;
  }
}
