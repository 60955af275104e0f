package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;

/**
 * The texts of values and their ids: 0 is the most frequent, and of equally frequent ones the first
 * in order; the same on any partitioning. Immutable and thread-safe.
 */
public final class Vocabulary implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final char SEPARATOR = '\n';
  private static final char ESCAPE = '\\';

  private final ArrayList<String> words;
  private final boolean unseenHaveId;
  private transient volatile Map<String, Long> ids; // made where it is asked for

  private Vocabulary(List<String> words, boolean unseenHaveId) {
    this.words = new ArrayList<>(words);
    this.unseenHaveId = unseenHaveId;
  }

  /**
   * Counts the values of some columns, in one pass.
   *
   * @param sequences whether the columns hold arrays of values
   * @param minCount values that come less often are not taken
   * @param maxSize of more values the most frequent are taken
   */
  public static Vocabulary of(
      Dataset<Row> data, List<String> columns, boolean sequences, int minCount, int maxSize) {
    Column all = texts(data, columns, sequences);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext());
    List<String> words = new ArrayList<>();
    Column word = functions.col("word");
    Column n = functions.col("n");
    try (var described = JobDescription.of(spark, "vocabulary of " + columns)) {
      data.select(functions.explode(all).as("word"))
          .where(word.isNotNull())
          .groupBy("word")
          .agg(functions.count(functions.lit(1)).as("n"))
          .where(n.geq(minCount))
          .orderBy(n.desc(), word.asc())
          .limit(maxSize)
          .select("word")
          .collectAsList()
          .forEach(row -> words.add(row.getString(0)));
    }
    if (words.isEmpty())
      throw new IllegalArgumentException(
          "no value of %s comes %s times or more: there is nothing to index"
              .formatted(columns, minCount));
    return new Vocabulary(words, false);
  }

  /** The texts of the columns' values, an array a row. */
  private static Column texts(Dataset<Row> data, List<String> columns, boolean sequences) {
    Column[] texts = new Column[columns.size()];
    for (int i = 0; i < texts.length; i++) {
      SourceColumn found = SourceColumn.find(data, columns.get(i));
      if (found.type() instanceof ArrayType != sequences)
        throw new IllegalArgumentException(
            "column '%s' is of type %s: %s"
                .formatted(
                    columns.get(i),
                    found.typeText(),
                    sequences
                        ? "a sequence is an array"
                        : "an array's ids are Ids.sequence(column)"));
      texts[i] =
          found
              .column()
              .cast(
                  sequences
                      ? DataTypes.createArrayType(DataTypes.StringType)
                      : DataTypes.StringType);
    }
    return sequences ? functions.concat(texts) : functions.array(texts);
  }

  /** The same, with one more id, the last, for all values that it does not have. */
  public Vocabulary withIdForUnseen() {
    return new Vocabulary(words, true);
  }

  /** Count of ids. */
  public int size() {
    return words.size() + (unseenHaveId ? 1 : 0);
  }

  /** The values, that of id 0 first. */
  public List<String> words() {
    return List.copyOf(words);
  }

  /** The id of a value's text; -1: it has none. */
  long id(String text) {
    Map<String, Long> known = ids;
    if (known == null) {
      known = new HashMap<>();
      for (int i = 0; i < words.size(); i++) known.put(words.get(i), (long) i);
      ids = known;
    }
    return known.getOrDefault(text, unseenHaveId ? words.size() : -1L);
  }

  /** All of it as text, for {@link #ofText}. */
  public String toText() {
    StringBuilder text = new StringBuilder(unseenHaveId ? "unseen" : "seen");
    for (String word : words) {
      text.append(SEPARATOR);
      for (int i = 0; i < word.length(); i++) {
        char c = word.charAt(i);
        if (c == ESCAPE || c == SEPARATOR) text.append(ESCAPE);
        text.append(c == SEPARATOR ? 'n' : c);
      }
    }
    return text.toString();
  }

  public static Vocabulary ofText(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == SEPARATOR) {
        words.add(word.toString());
        word.setLength(0);
      } else if (c == ESCAPE) {
        c = text.charAt(++i);
        word.append(c == 'n' ? SEPARATOR : c);
      } else {
        word.append(c);
      }
    }
    words.add(word.toString());
    boolean unseenHaveId = words.remove(0).equals("unseen");
    return new Vocabulary(words, unseenHaveId);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Vocabulary v && unseenHaveId == v.unseenHaveId && words.equals(v.words);
  }

  @Override
  public int hashCode() {
    return words.hashCode();
  }

  @Override
  public String toString() {
    return words.size() + " values" + (unseenHaveId ? " and unseen ones" : "");
  }
}
