package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;

/** A column as it is read: what its cells hold, and how many numbers of a row they become. */
final class ReadColumn implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a cell holds. */
  enum Form {
    NUMBER,
    ARRAY,
    VECTOR,
    ID,
    SEQUENCE,
    IMAGE,
    WEIGHT
  }

  private final String name;
  private final Form form;
  private final int width;
  private final boolean integer;
  private final Inputs.Input input;
  private final transient Column column; // for the driver alone

  private ReadColumn(
      String name, Form form, int width, boolean integer, Inputs.Input input, Column column) {
    this.name = name;
    this.form = form;
    this.width = width;
    this.integer = integer;
    this.input = input;
    this.column = column;
  }

  /**
   * A column of an input.
   *
   * @throws IllegalArgumentException if its type is not one that the input takes
   */
  static ReadColumn ofInput(SourceColumn source, Inputs.Input input) {
    return switch (input.kind()) {
      case NUMBERS -> numbers(source, form(source), input);
      case WEIGHT -> {
        if (!source.isNumber())
          throw new IllegalArgumentException(
              "weight column '%s' is of type %s: a weight is one number a row"
                  .formatted(source.name(), source.typeText()));
        yield new ReadColumn(source.name(), Form.WEIGHT, 1, false, input, source.column());
      }
      case IMAGE -> {
        ImageCells.checkType(source, input);
        int numbers = ImageCells.width(input);
        yield new ReadColumn(source.name(), Form.IMAGE, numbers, false, input, source.column());
      }
      case IDS, SEQUENCE -> {
        IdColumn ids = new IdColumn(source.name(), input);
        Form form = input.kind() == Inputs.Kind.IDS ? Form.ID : Form.SEQUENCE;
        Column column = ids.of(source.column(), source.type());
        yield new ReadColumn(source.name(), form, ids.width(), true, input, column);
      }
    };
  }

  /**
   * A column of the label.
   *
   * @throws IllegalArgumentException if it does not hold numbers
   */
  static ReadColumn ofLabel(SourceColumn source) {
    Form form = formOfNumbers(source);
    if (form != null) return numbers(source, form, null);
    if (source.type() instanceof StringType)
      throw new IllegalArgumentException(
          "label column '%s' is a string: use StringIndexer to turn it into numbers"
              .formatted(source.name()));
    throw new IllegalArgumentException(
        "label column '%s' is of type %s: labels are numbers, booleans, arrays of them or ML vectors"
            .formatted(source.name(), source.typeText()));
  }

  private static ReadColumn numbers(SourceColumn source, Form form, Inputs.Input input) {
    int width = form == Form.NUMBER ? 1 : source.vectorSize();
    boolean cast = source.type() instanceof ArrayType a && ArrayCells.of(a.elementType()) == null;
    Column column =
        cast
            ? source.column().cast(DataTypes.createArrayType(DataTypes.DoubleType))
            : source.column();
    return new ReadColumn(source.name(), form, width, source.isInteger(), input, column);
  }

  private static Form form(SourceColumn source) {
    Form form = formOfNumbers(source);
    if (form != null) return form;
    if (source.type() instanceof StringType)
      throw new IllegalArgumentException(
          "feature column '%s' is a string: use StringIndexer (and OneHotEncoder for unordered values) to turn it into numbers"
              .formatted(source.name()));
    throw new IllegalArgumentException(
        "feature column '%s' is of type %s: features are numbers, booleans, arrays of them or ML vectors"
            .formatted(source.name(), source.typeText()));
  }

  /** Null: its cells are no numbers. */
  private static Form formOfNumbers(SourceColumn source) {
    if (source.isNumber()) return Form.NUMBER;
    if (source.isArrayOfNumbers()) return Form.ARRAY;
    return source.isVector() ? Form.VECTOR : null;
  }

  String name() {
    return name;
  }

  Form form() {
    return form;
  }

  /** Count of numbers in a row; 0: only the rows say it. */
  int width() {
    return width;
  }

  /** Whether its type holds whole numbers alone. */
  boolean isInteger() {
    return integer;
  }

  /** Whether it becomes int64 numbers, as {@link Words}. */
  boolean isWhole() {
    return form == Form.ID || form == Form.SEQUENCE;
  }

  /** The input that it belongs to; null: it is of the label. */
  Inputs.Input input() {
    return input;
  }

  /** The column as Spark computes it; on the driver alone. */
  Column column() {
    return column;
  }
}
