package io.sparkgrad.cluster.closure;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.Schedule;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * Makes the user's functions ready to be sent: a lambda is cleaned as Spark cleans those of its own
 * calls and held in its parts, an object of a class of the user's stays as it is. Each is
 * serialized once, so that what cannot be sent shows before the data is read.
 *
 * <p>A method throws an IllegalArgumentException that names the function, and the value in it that
 * cannot be serialized.
 */
public final class Closures {
  /* SerializationDebugger's lines, innermost first. */
  private static final Pattern CULPRIT =
      Pattern.compile("object not serializable \\(class: ([^,]+),");
  private static final Pattern FIELD = Pattern.compile("- field \\(class: ([^,]+), name: ([^,]+),");

  private final SparkContext spark; // null: none runs here, so there is no cell to clean

  public Closures(SparkContext spark) {
    this.spark = spark;
  }

  /** For the session of this thread, or of this JVM. */
  public static Closures here() {
    Option<SparkSession> active = SparkSession.getActiveSession();
    Option<SparkSession> session = active.isDefined() ? active : SparkSession.getDefaultSession();
    return new Closures(session.isDefined() ? session.get().sparkContext() : null);
  }

  public ModelSupplier model(ModelSupplier model) {
    return sent("model", model, SentModel::new);
  }

  public Loss loss(Loss loss) {
    return sent("loss", loss, SentLoss::new);
  }

  public Map<String, Metric> metrics(Map<String, Metric> metrics) {
    Map<String, Metric> sent = new LinkedHashMap<>();
    metrics.forEach((name, m) -> sent.put(name, sent("metric '" + name + "'", m, SentMetric::new)));
    return sent;
  }

  /** An optimizer with its schedule ready to be sent. */
  public Optimizer optimizer(Optimizer optimizer) {
    Schedule schedule = optimizer.schedule();
    Schedule sent = sent("optimizer's schedule", schedule, SentSchedule::new);
    Optimizer ready = sent == schedule ? optimizer : withSchedule(optimizer, sent);
    checkSerializable("optimizer", ready);
    return ready;
  }

  private static Optimizer withSchedule(Optimizer optimizer, Schedule schedule) {
    try {
      return optimizer.schedule(schedule);
    } catch (UnsupportedOperationException fixed) { // a rule of the user's, as it is then
      return optimizer;
    }
  }

  private <F> F sent(String what, F function, Function<LambdaParts<F>, F> holder) {
    if (function == null) throw new IllegalArgumentException("the %s is null".formatted(what));
    SerializedLambda lambda = LambdaParts.of(function);
    F sent = function;
    if (lambda != null) {
      Class<?> capturing = capturingClass(function, lambda);
      sent =
          holder.apply(
              new LambdaParts<>(lambda, capturing, Cleaner.captured(lambda, capturing, spark)));
    }
    checkSerializable(what, sent);
    return sent;
  }

  private static Class<?> capturingClass(Object function, SerializedLambda lambda) {
    String name = lambda.getCapturingClass().replace('/', '.');
    try {
      return Class.forName(name, false, function.getClass().getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the class that made a lambda is gone: " + name, e);
    }
  }

  private void checkSerializable(String what, Object function) {
    if (spark == null) return;
    try {
      SparkEnv.get().closureSerializer().newInstance().serialize(function, null);
    } catch (Exception e) { // Spark's is a Scala class: what it throws is not declared
      if (!(e instanceof NotSerializableException)) throw e;
      throw new IllegalArgumentException(
          "the %s cannot be sent to the executors: %s".formatted(what, culprit(e.getMessage())), e);
    }
  }

  private static String culprit(String stack) {
    Matcher object = CULPRIT.matcher(stack);
    Matcher field = FIELD.matcher(stack);
    String type = object.find() ? object.group(1) : stack.lines().findFirst().orElse("");
    boolean named =
        field.find()
            && !field.group(1).startsWith(LambdaParts.class.getName())
            && !field.group(1).startsWith("java.lang.invoke");
    String value = named ? "'%s', a %s".formatted(field.group(2), type) : "a " + type;
    return "it uses %s, which is not serializable: make it inside the function, give the function a val with what it needs of it, or let its class be Serializable"
        .formatted(value);
  }

  /* No records: Kryo cannot set their fields. */
  private abstract static class Sent<F> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final LambdaParts<F> parts;

    Sent(LambdaParts<F> parts) {
      this.parts = parts;
    }

    F lambda() {
      return parts.lambda();
    }

    @Override
    public String toString() {
      return parts.toString();
    }
  }

  private static final class SentModel extends Sent<ModelSupplier> implements ModelSupplier {
    private static final long serialVersionUID = 1L;

    SentModel(LambdaParts<ModelSupplier> parts) {
      super(parts);
    }

    @Override
    public Module get() {
      return lambda().get();
    }
  }

  private static final class SentLoss extends Sent<Loss> implements Loss {
    private static final long serialVersionUID = 1L;

    SentLoss(LambdaParts<Loss> parts) {
      super(parts);
    }

    @Override
    public Value of(Tensor output, Tensor target) {
      return lambda().of(output, target);
    }
  }

  private static final class SentMetric extends Sent<Metric> implements Metric {
    private static final long serialVersionUID = 1L;

    SentMetric(LambdaParts<Metric> parts) {
      super(parts);
    }

    @Override
    public Value of(Tensor output, Tensor target) {
      return lambda().of(output, target);
    }
  }

  private static final class SentSchedule extends Sent<Schedule> implements Schedule {
    private static final long serialVersionUID = 1L;

    SentSchedule(LambdaParts<Schedule> parts) {
      super(parts);
    }

    @Override
    public double at(double lr, long done) {
      return lambda().at(lr, done);
    }
  }
}
