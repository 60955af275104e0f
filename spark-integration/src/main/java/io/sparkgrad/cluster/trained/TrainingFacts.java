package io.sparkgrad.cluster.trained;

import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.cluster.ingest.Vocabulary;
import io.sparkgrad.files.SafeTensors;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Columns, losses and settings of a training, as they stand in the metadata of the model's file.
 * Immutable.
 *
 * <p>The keys there: {@code sparkgrad.features.0}, ... (a column each), {@code sparkgrad.inputs.0},
 * ... (of a model of several: kind, count of columns, buckets, length, name), {@code
 * sparkgrad.vocabulary.0}, ... and {@code sparkgrad.padding.0}, ... (of an input), {@code
 * sparkgrad.outputs.0}, ... (numbers of a row, and name), {@code sparkgrad.invalid} (what becomes
 * of rows that cannot be read), {@code sparkgrad.widths} (numbers of each), {@code
 * sparkgrad.history.loss} (numbers, an epoch each; other series beside it), {@code
 * sparkgrad.classes.0}, ... (names of the label's classes) and {@code sparkgrad.run.seed} and the
 * like.
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
  private static final String INPUTS = "sparkgrad.inputs.";
  private static final String PADDING = "sparkgrad.padding.";
  private static final String IMAGE = "sparkgrad.image."; // height and width
  private static final String VOCABULARY = "sparkgrad.vocabulary.";
  private static final String OUTPUTS = "sparkgrad.outputs";
  private static final String WIDTHS = "sparkgrad.widths";
  private static final String HISTORY = "sparkgrad.history.";
  private static final String INVALID = "sparkgrad.invalid";
  private static final String RUN = "sparkgrad.run.";
  private static final String CLASSES = "sparkgrad.classes.";

  private final Inputs inputs;
  private final int[] widths;
  private final LinkedHashMap<String, double[]> history;
  private final LinkedHashMap<String, String> run;
  private final ArrayList<String> classes;
  private final LinkedHashMap<String, Integer> outputs; // numbers of a row; empty: not known
  private final Invalid invalid;

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
    this(Inputs.features(features), widths, history, run, List.of(), Map.of(), Invalid.ERROR);
  }

  /**
   * @param inputs of the model, and their columns
   * @param classes names of the label's classes, class 0 first; empty if it has none
   * @param outputs how many numbers each of the model's outputs has for a row, by name; empty: not
   *     known
   * @param invalid what becomes of rows that cannot be read
   */
  public TrainingFacts(
      Inputs inputs,
      int[] widths,
      Map<String, List<Double>> history,
      Map<String, String> run,
      List<String> classes,
      Map<String, Integer> outputs,
      Invalid invalid) {
    this.invalid = invalid;
    this.outputs = new LinkedHashMap<>(outputs);
    this.classes = new ArrayList<>(classes);
    this.inputs = inputs;
    this.widths = widths.clone();
    this.history = new LinkedHashMap<>();
    history.forEach((name, s) -> this.history.put(name, s.stream().mapToDouble(d -> d).toArray()));
    this.run = new LinkedHashMap<>(run);
  }

  /** The columns that the model reads, in this order. */
  public List<String> features() {
    return inputs.columns();
  }

  /** The model's inputs, and the columns that each is made of. */
  public Inputs inputs() {
    return inputs;
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

  /**
   * How many numbers each of the model's outputs has for a row, by name; empty in files that do not
   * say it.
   */
  public Map<String, Integer> outputs() {
    return new LinkedHashMap<>(outputs);
  }

  /** What becomes of rows that cannot be read. */
  Invalid invalid() {
    return invalid;
  }

  /** The same, but for what becomes of rows that cannot be read. */
  TrainingFacts with(Invalid other) {
    return new TrainingFacts(inputs, widths, history(), run, classes, outputs, other);
  }

  /** The same, but for the inputs. */
  TrainingFacts with(Inputs other) {
    return new TrainingFacts(other, widths, history(), run, classes, outputs, invalid);
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
    Map<String, Integer> outputs = new LinkedHashMap<>();
    Invalid invalid;
    try {
      invalid = Invalid.of(metadata.getOrDefault(INVALID, Invalid.ERROR.setting()));
      for (String o; (o = metadata.get(OUTPUTS + "." + outputs.size())) != null; ) {
        String[] p = o.split(" ", 2);
        outputs.put(p[1], Integer.parseInt(p[0]));
      }
      if (outputs.isEmpty() && metadata.containsKey(OUTPUTS))
        outputs.put("output", Integer.parseInt(metadata.get(OUTPUTS)));
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
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + " has damaged metadata: " + e.getMessage(), e);
    }
    Map<String, String> run = new LinkedHashMap<>();
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(RUN)) run.put(key.substring(RUN.length()), value);
        });
    return new TrainingFacts(
        inputs(path, metadata, features), widths, history, run, classes, outputs, invalid);
  }

  private static Inputs inputs(String path, Map<String, String> metadata, List<String> features) {
    List<Inputs.Input> inputs = new ArrayList<>();
    int at = 0;
    for (String s; (s = metadata.get(INPUTS + inputs.size())) != null; ) {
      String words = metadata.get(VOCABULARY + inputs.size());
      try {
        String[] p = s.split(" ", 5);
        int end = at + Integer.parseInt(p[1]);
        String[] size = metadata.getOrDefault(IMAGE + inputs.size(), "0 0").split(" ", 2);
        inputs.add(
            new Inputs.Input(
                p[4],
                Inputs.Kind.valueOf(p[0].toUpperCase(Locale.ROOT)),
                features.subList(at, end),
                Integer.parseInt(p[2]),
                words == null ? null : Vocabulary.ofText(words),
                Integer.parseInt(p[3]),
                Long.parseLong(metadata.getOrDefault(PADDING + inputs.size(), "0")),
                Integer.parseInt(size[0]),
                Integer.parseInt(size[1])));
        at = end;
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(path + " has damaged metadata: input " + s, e);
      }
    }
    return inputs.isEmpty() ? Inputs.features(features) : new Inputs(inputs);
  }

  /* Kind, count of columns, buckets, length of sequences, and the name. */
  private static String text(Inputs.Input i) {
    return "%s %d %d %d %s"
        .formatted(
            i.kind().name().toLowerCase(Locale.ROOT),
            i.columns().size(),
            i.buckets(),
            i.padTo(),
            i.name());
  }

  Map<String, String> toMetadata() {
    Map<String, String> metadata = new LinkedHashMap<>(SafeTensors.PYTORCH);
    metadata.put(FORMAT, KNOWN_FORMAT);
    List<String> features = features();
    for (int i = 0; i < features.size(); i++) metadata.put(FEATURES + i, features.get(i));
    List<Inputs.Input> all = inputs.all();
    boolean plain = all.size() == 1 && all.get(0).name().equals(Inputs.FEATURES);
    for (int i = 0; !plain && i < all.size(); i++) {
      metadata.put(INPUTS + i, text(all.get(i)));
      Vocabulary words = all.get(i).vocabulary();
      if (words != null) metadata.put(VOCABULARY + i, words.toText());
      if (all.get(i).height() != 0)
        metadata.put(IMAGE + i, all.get(i).height() + " " + all.get(i).width());
      if (all.get(i).padding() != 0) metadata.put(PADDING + i, Long.toString(all.get(i).padding()));
    }
    metadata.put(
        WIDTHS, Arrays.stream(widths).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
    int o = 0;
    for (Map.Entry<String, Integer> e : outputs.entrySet())
      metadata.put(OUTPUTS + "." + o++, e.getValue() + " " + e.getKey());
    if (invalid != Invalid.ERROR) metadata.put(INVALID, invalid.setting());
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
    return "features " + inputs + ", " + run;
  }
}
