package io.sparkgrad.cluster.ingest;

import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Tensors;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The inputs of a model by name, the columns that each is made of, and how rows become its tensors.
 * A row is its columns' numbers one after the other, ids among them as {@link Words}. Immutable.
 */
public final class Inputs implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The name of the input that the features are. */
  public static final String FEATURES = "features";

  private static final String WEIGHT = "weight of rows";

  /** What the mask of a sequence is called, behind the sequence's own name. */
  public static final String MASK = ".mask";

  /** The kind of an input's tensor. */
  public enum Kind {
    /** float32 {@code [rows, numbers]}. */
    NUMBERS,
    /** int64 {@code [rows, columns]}. */
    IDS,
    /** int64 {@code [rows, padTo]}, and a bool mask of the same shape. */
    SEQUENCE,
    /** float32 {@code [rows, 3, height, width]}, from 0 to 1. */
    IMAGE,
    /** Not the model's: float32 {@code [rows]}, by which the loss weighs rows. */
    WEIGHT
  }

  /**
   * One input.
   *
   * @param buckets into which values are hashed; 0: they are not
   * @param vocabulary by which values are indexed; null: there is none. With neither they are whole
   *     numbers, taken as they are
   * @param padTo the length that sequences get; 0 of other kinds
   * @param padding the id that fills them
   * @param height that images get, in pixels; 0 of other kinds
   * @param width likewise
   */
  public record Input(
      String name,
      Kind kind,
      List<String> columns,
      int buckets,
      Vocabulary vocabulary,
      int padTo,
      long padding,
      int height,
      int width)
      implements Serializable {
    public Input {
      if (columns.isEmpty())
        throw new IllegalArgumentException("name at least one column of input '" + name + "'");
      columns = List.copyOf(columns);
    }

    /** Of columns that are taken as they are. */
    public Input(String name, Kind kind, List<String> columns) {
      this(name, kind, columns, 0, null, 0, 0, 0, 0);
    }

    public static Input numbers(String name, List<String> columns) {
      return new Input(name, Kind.NUMBERS, columns);
    }

    public Input named(String other) {
      return new Input(other, kind, columns, buckets, vocabulary, padTo, padding, height, width);
    }

    Input of(List<String> others) {
      return new Input(name, kind, others, buckets, vocabulary, padTo, padding, height, width);
    }

    /** Hashed, and not indexed. */
    public Input hashed(int into) {
      return new Input(name, kind, columns, into, null, padTo, padding, height, width);
    }

    /** Indexed, and not hashed. */
    public Input indexed(Vocabulary by) {
      return new Input(
          name, kind, columns, by == null ? buckets : 0, by, padTo, padding, height, width);
    }

    public Input padded(int to, long with) {
      return new Input(name, kind, columns, buckets, vocabulary, to, with, height, width);
    }

    public Input resized(int toHeight, int toWidth) {
      return new Input(name, kind, columns, buckets, vocabulary, padTo, padding, toHeight, toWidth);
    }

    /** Its name and columns, and what is done with them. */
    @Override
    public String toString() {
      return name + " " + columns + treatment(" ");
    }

    /** What is done with the columns, say ", hashed into 1024, padded to 50"; may be empty. */
    public String treatment(String separator) {
      return (buckets == 0 ? "" : separator + "hashed into " + buckets)
          + (vocabulary == null ? "" : separator + "indexed by " + vocabulary)
          + (padTo == 0 ? "" : separator + "padded to " + padTo)
          + (padding == 0 ? "" : separator + "with " + padding)
          + (height == 0 ? "" : separator + "resized to %d x %d".formatted(height, width));
    }
  }

  private final ArrayList<Input> inputs;

  public Inputs(List<Input> inputs) {
    if (inputs.isEmpty()) throw new IllegalArgumentException("name at least one feature column");
    Set<String> names = new HashSet<>();
    for (Input i : inputs)
      if (!names.add(i.name()))
        throw new IllegalArgumentException("there are two inputs '%s'".formatted(i.name()));
    this.inputs = new ArrayList<>(inputs);
  }

  /** The features alone, as one matrix. */
  public static Inputs features(List<String> columns) {
    return new Inputs(columns.isEmpty() ? List.of() : List.of(Input.numbers(FEATURES, columns)));
  }

  public List<Input> all() {
    return List.copyOf(inputs);
  }

  /** These, and the weights of rows in a column behind them; null: as they are. */
  public Inputs weightedBy(String column) {
    if (column == null) return this;
    List<Input> more = new ArrayList<>(inputs);
    more.add(new Input(WEIGHT, Kind.WEIGHT, List.of(column)));
    return new Inputs(more);
  }

  /** The same, where the ids of values are known. */
  Inputs withoutVocabularies() {
    return new Inputs(inputs.stream().map(i -> i.indexed(null)).toList());
  }

  /** What the model takes. */
  public Inputs ofModel() {
    return new Inputs(inputs.stream().filter(i -> i.kind() != Kind.WEIGHT).toList());
  }

  /**
   * The same, made of other columns.
   *
   * @param columns as many as {@link #columns}, in their order
   */
  public Inputs reading(List<String> columns) {
    if (columns.size() != columns().size())
      throw new IllegalArgumentException(
          "the model reads the columns %s, and %s are named instead".formatted(columns(), columns));
    List<Input> others = new ArrayList<>();
    int at = 0;
    for (Input i : inputs) others.add(i.of(columns.subList(at, at += i.columns().size())));
    return new Inputs(others);
  }

  /** The columns of all inputs, in order. */
  public List<String> columns() {
    return inputs.stream().flatMap(i -> i.columns().stream()).toList();
  }

  /** The input that a column, by its place among all, belongs to. */
  Input of(int column) {
    int left = column;
    for (Input i : inputs) {
      if (left < i.columns().size()) return i;
      left -= i.columns().size();
    }
    throw new IndexOutOfBoundsException("column " + column);
  }

  /**
   * The tensors of some rows.
   *
   * @param widths of each column, in numbers of a row
   * @param numbers {@code [rows, sum of widths]} at least; kept if the features are the only input
   */
  public Tensors tensors(float[] numbers, int rows, int[] widths, Device device) {
    int width = 0;
    for (int w : widths) width += w;
    Tensors all = null;
    int column = 0;
    int from = 0;
    for (Input input : ofModel().inputs) {
      int own = 0;
      for (int c = 0; c < input.columns().size(); c++) own += widths[column++];
      Part part = new Part(numbers, rows, width, from, own);
      all = add(all, input.name(), tensor(part, input), device);
      if (input.kind() == Kind.SEQUENCE)
        all = add(all, input.name() + MASK, part.mask(input.padTo()), device);
      from += own;
    }
    return all;
  }

  /** Whether they are a single matrix of numbers. */
  public boolean isOneMatrix() {
    return inputs.size() == 1 && inputs.get(0).kind() == Kind.NUMBERS;
  }

  /** What a model without a label compares its output with: its matrix; null of other inputs. */
  public Tensor itsOwnTarget(Tensors tensors) {
    return ofModel().isOneMatrix() ? tensors.only() : null;
  }

  /** Whether rows have weights. */
  public boolean isWeighted() {
    return inputs.get(inputs.size() - 1).kind() == Kind.WEIGHT;
  }

  /** The weights of some rows; null: they have none. */
  Tensor weights(float[] numbers, int rows, int[] widths, Device device) {
    if (!isWeighted()) return null;
    int width = Arrays.stream(widths).sum();
    return new Part(numbers, rows, width, width - 1, 1).floats().reshape(rows).to(device);
  }

  private static Tensor tensor(Part part, Input input) {
    return switch (input.kind()) {
      case NUMBERS, WEIGHT -> part.floats();
      case IMAGE -> part.floats().reshape(part.rows, 3, input.height(), input.width());
      case IDS -> part.ids(input.columns().size());
      case SEQUENCE -> part.ids(input.padTo());
    };
  }

  private static Tensors add(Tensors all, String name, Tensor t, Device device) {
    Tensor there = t.to(device);
    return all == null ? Tensors.of(name, there) : all.and(name, there);
  }

  /** Whether some of the inputs are ids, of which zero need not be one. */
  public boolean haveIds() {
    return inputs.stream().anyMatch(i -> i.kind() == Kind.IDS || i.kind() == Kind.SEQUENCE);
  }

  /** So many times a row, with zeros for what is not ids. */
  float[] examples(float[] row, int rows, int[] widths) {
    float[] ids = row.clone();
    int at = 0;
    for (int c = 0; c < widths.length; at += widths[c++])
      if (isNumbers(c)) Arrays.fill(ids, at, at + widths[c], 0);
    float[] all = new float[rows * row.length];
    for (int r = 0; r < rows; r++) System.arraycopy(ids, 0, all, r * ids.length, ids.length);
    return all;
  }

  boolean isNumbers(int column) {
    return of(column).kind() == Kind.NUMBERS || of(column).kind() == Kind.IMAGE;
  }

  /** What a row holds: "785 numbers", or "3 numbers and 2 ids". */
  public String text(int[] widths) {
    int numbers = 0;
    int ids = 0;
    for (int c = 0; c < widths.length; c++) {
      if (of(c).kind() == Kind.WEIGHT) continue;
      if (isNumbers(c)) numbers += widths[c];
      else ids += of(c).kind() == Kind.IDS ? 1 : of(c).padTo();
    }
    return ids == 0 ? numbers + " numbers" : numbers + " numbers and " + ids + " ids";
  }

  /** The numbers of one input in each row. */
  private record Part(float[] numbers, int rows, int width, int from, int own) {
    Tensor floats() {
      if (own == width) return Tensor.slice(numbers, 0, rows, width);
      float[] copied = new float[rows * own];
      for (int r = 0; r < rows; r++)
        System.arraycopy(numbers, r * width + from, copied, r * own, own);
      return Tensor.of(copied, rows, own);
    }

    Tensor ids(int n) {
      long[] ids = new long[rows * n];
      for (int r = 0; r < rows; r++)
        for (int i = 0; i < n; i++)
          ids[r * n + i] = Words.get(numbers, r * width + from + i * Words.EACH);
      return Tensor.of(ids, rows, n);
    }

    /* The length stands behind the ids. */
    Tensor mask(int n) {
      long[] lengths = new long[rows];
      for (int r = 0; r < rows; r++)
        lengths[r] = Words.get(numbers, r * width + from + n * Words.EACH);
      return Tensor.arange(n).unsqueeze(0).lt(Tensor.of(lengths, rows, 1));
    }
  }

  @Override
  public String toString() {
    return inputs.size() == 1 ? columns().toString() : inputs.toString();
  }
}
