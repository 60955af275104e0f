package io.sparkgrad.cluster.trained;

import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualNullSafe;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.GreaterThanOrEqual;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.sources.IsNull;
import org.apache.spark.sql.sources.LessThan;
import org.apache.spark.sql.sources.LessThanOrEqual;
import org.apache.spark.sql.sources.Not;
import org.apache.spark.sql.sources.Or;
import org.apache.spark.sql.sources.StringContains;
import org.apache.spark.sql.sources.StringEndsWith;
import org.apache.spark.sql.sources.StringStartsWith;

/** Turns the filters that Spark hands to a relation into conditions on columns. */
final class Filters {
  private Filters() {}

  /**
   * The condition of a filter; null if it is of an unknown kind or of a column that is not there:
   * Spark applies every filter above the relation as well.
   */
  static Column condition(Filter f, Predicate<String> there) {
    for (String column : f.references()) if (!there.test(column)) return null;
    if (f instanceof And and) return both(and.left(), and.right(), there, Column::and);
    if (f instanceof Or or) return both(or.left(), or.right(), there, Column::or);
    if (f instanceof Not not) {
      Column inner = condition(not.child(), there);
      return inner == null ? null : functions.not(inner);
    }
    return onOne(f);
  }

  private static Column both(
      Filter a, Filter b, Predicate<String> there, BinaryOperator<Column> join) {
    Column left = condition(a, there);
    Column right = condition(b, there);
    return left == null || right == null ? null : join.apply(left, right);
  }

  private static Column onOne(Filter f) {
    if (f instanceof IsNull t) return functions.col(t.attribute()).isNull();
    if (f instanceof IsNotNull t) return functions.col(t.attribute()).isNotNull();
    if (f instanceof EqualTo t) return functions.col(t.attribute()).equalTo(t.value());
    if (f instanceof EqualNullSafe t) return functions.col(t.attribute()).eqNullSafe(t.value());
    if (f instanceof LessThan t) return functions.col(t.attribute()).lt(t.value());
    if (f instanceof LessThanOrEqual t) return functions.col(t.attribute()).leq(t.value());
    if (f instanceof GreaterThan t) return functions.col(t.attribute()).gt(t.value());
    if (f instanceof GreaterThanOrEqual t) return functions.col(t.attribute()).geq(t.value());
    if (f instanceof In t) return functions.col(t.attribute()).isin(t.values());
    if (f instanceof StringStartsWith t) return functions.col(t.attribute()).startsWith(t.value());
    if (f instanceof StringEndsWith t) return functions.col(t.attribute()).endsWith(t.value());
    if (f instanceof StringContains t) return functions.col(t.attribute()).contains(t.value());
    return null;
  }
}
