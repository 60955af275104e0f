package io.sparkgrad.cluster.ml;

import java.io.Serializable;
import java.util.List;

/**
 * What the data says about a network.
 *
 * @param features count of numbers in a row, the width of input {@code features}; 0: there is no
 *     such input
 * @param categories count of ids of each categorical column, whose input, int64 {@code [rows, 1]},
 *     has the column's name; in their order
 * @param columns names of the categorical columns
 * @param outputs count of numbers that the network gives a row: scores of the classes; 1 for two
 *     classes, the log-odds of class 1; 1 for a regression
 */
public record Sizes(int features, List<Integer> categories, List<String> columns, int outputs)
    implements Serializable {
  public Sizes {
    categories = List.copyOf(categories);
    columns = List.copyOf(columns);
    if (categories.size() != columns.size())
      throw new IllegalArgumentException(
          "there are %d categorical columns and sizes of %d: %s, %s"
              .formatted(columns.size(), categories.size(), columns, categories));
  }
}
