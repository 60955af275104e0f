package io.sparkgrad.cluster.closure;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Tensors;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.Schedule;
import io.sparkgrad.optim.SequentialLR;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * Makes the user's functions ready to be sent: a lambda is cleaned as Spark cleans those of its own
 * calls and held as the bytes of its parts, an object of a class of the user's stays as it is. Each
 * is written and read back here, so that what cannot be sent shows before the data is read.
 *
 * <p>A method throws an IllegalArgumentException that names the function, and the value in it that
 * cannot be serialized.
 */
public final class Closures {
  /* SerializationDebugger's lines, innermost first. */
  private static final Pattern CULPRIT =
      Pattern.compile("object not serializable \\(class: ([^,]+),");
  private static final Pattern FIELD = Pattern.compile("- field \\(class: ([^,]+), name: ([^,]+),");
  private static final Pattern CYCLE =
      Pattern.compile(
          "cannot assign instance of java.lang.invoke.SerializedLambda to field ([^ ]+)");
  private static final String CELL = "$iw"; // ends the name of the class of a shell's cell
  private static final String OBJECT = "$module"; // ends the field of an object of a cell

  private static final String USES =
      "it uses %s, which is not serializable: make it inside the function, give the function a val with what it needs of it, or let its class be Serializable";
  private static final String BESIDE =
      "it uses a cell that holds %s, which is not serializable: where the function needs it, make it inside the function, where not, write @transient val %s";

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

  public BatchLoss batchLoss(BatchLoss loss) {
    return sent("loss", loss, SentBatchLoss::new);
  }

  public Map<String, Metric> metrics(Map<String, Metric> metrics) {
    Map<String, Metric> sent = new LinkedHashMap<>();
    metrics.forEach((name, m) -> sent.put(name, sent("metric '" + name + "'", m, SentMetric::new)));
    return sent;
  }

  /** An optimizer with its schedule ready to be sent. */
  public Optimizer optimizer(Optimizer optimizer) {
    Schedule schedule = optimizer.schedule();
    Schedule sent = schedule(schedule);
    Optimizer ready = sent == schedule ? optimizer : withSchedule(optimizer, sent);
    check("optimizer", write("optimizer", ready), contextLoader());
    return ready;
  }

  /* One that is made of others is sent in its parts, some of which may be lambdas. */
  private Schedule schedule(Schedule schedule) {
    return schedule instanceof SequentialLR parts
        ? new SequentialLR(
            parts.schedules().stream().map(this::schedule).toList(), parts.milestones())
        : sent("optimizer's schedule", schedule, SentSchedule::new);
  }

  private static Optimizer withSchedule(Optimizer optimizer, Schedule schedule) {
    try {
      return optimizer.schedule(schedule);
    } catch (UnsupportedOperationException fixed) { // a rule of the user's, as it is then
      return optimizer;
    }
  }

  private <F> F sent(String what, F function, Function<SentLambda<F>, F> holder) {
    if (function == null) throw new IllegalArgumentException("the %s is null".formatted(what));
    SerializedLambda lambda = LambdaParts.of(function);
    if (lambda == null) {
      check(what, write(what, function), contextLoader());
      return function;
    }
    Class<?> capturing = capturingClass(function, lambda);
    LambdaParts<F> parts =
        new LambdaParts<>(lambda, capturing, Cleaner.captured(lambda, capturing, spark));
    byte[] bytes = write(what, parts);
    check(what, bytes, capturing.getClassLoader());
    return holder.apply(new SentLambda<>(capturing, bytes));
  }

  private static Class<?> capturingClass(Object function, SerializedLambda lambda) {
    String name = lambda.getCapturingClass().replace('/', '.');
    try {
      return Class.forName(name, false, function.getClass().getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the class that made a lambda is gone: " + name, e);
    }
  }

  private static byte[] write(String what, Object function) {
    try {
      ByteBuffer bytes = serializer().serialize(function, null);
      return Arrays.copyOfRange(
          bytes.array(),
          bytes.arrayOffset() + bytes.position(),
          bytes.arrayOffset() + bytes.limit());
    } catch (Exception e) { // Spark's is a Scala class: what it throws is not declared
      if (!(e instanceof NotSerializableException)) throw e;
      throw new IllegalArgumentException(
          "the %s cannot be sent to the executors: %s".formatted(what, culprit(e.getMessage())), e);
    }
  }

  /** Reads back what was written. */
  private static void check(String what, byte[] bytes, ClassLoader loader) {
    try {
      read(ByteBuffer.wrap(bytes), loader);
    } catch (Exception e) {
      if (e instanceof ClassNotFoundException) return; // of a loader that is not this thread's
      Matcher function = CYCLE.matcher(e.toString());
      String why =
          function.find()
              ? "it uses the function '%s' of a cell, which reaches itself through the cell: write def %s"
                  .formatted(function.group(1), function.group(1))
              : e.toString();
      throw new IllegalArgumentException(
          "the %s can be sent to the executors, but not be read there: %s".formatted(what, why), e);
    }
  }

  private static ClassLoader contextLoader() {
    return Thread.currentThread().getContextClassLoader();
  }

  static Object read(ByteBuffer bytes, ClassLoader loader) {
    return serializer().deserialize(bytes, loader, null);
  }

  /* Spark's own for closures, which names the field that holds what it cannot write. */
  private static SerializerInstance serializer() {
    return new JavaSerializer(new SparkConf(false)).newInstance();
  }

  private static String culprit(String stack) {
    Matcher object = CULPRIT.matcher(stack);
    Matcher field = FIELD.matcher(stack);
    String type = object.find() ? object.group(1) : stack.lines().findFirst().orElse("");
    boolean named =
        field.find()
            && !field.group(1).startsWith(LambdaParts.class.getName())
            && !field.group(1).startsWith("java.lang.invoke");
    if (!named) return USES.formatted("a " + type);
    String name = field.group(2);
    if (name.endsWith(OBJECT))
      return "it uses object %s, which is not serializable: let it extend Serializable"
          .formatted(name.substring(0, name.length() - OBJECT.length()));
    String value = "'%s', a %s".formatted(name, type);
    return field.group(1).endsWith(CELL) ? BESIDE.formatted(value, name) : USES.formatted(value);
  }

  /* No records: Kryo cannot set their fields. */
  private abstract static class Sent<F> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final SentLambda<F> sent;

    Sent(SentLambda<F> sent) {
      this.sent = sent;
    }

    F lambda() {
      return sent.lambda();
    }

    @Override
    public String toString() {
      return sent.toString();
    }
  }

  private static final class SentModel extends Sent<ModelSupplier> implements ModelSupplier {
    private static final long serialVersionUID = 1L;

    SentModel(SentLambda<ModelSupplier> sent) {
      super(sent);
    }

    @Override
    public Module get() {
      return lambda().get();
    }
  }

  private static final class SentLoss extends Sent<Loss> implements Loss {
    private static final long serialVersionUID = 1L;

    SentLoss(SentLambda<Loss> sent) {
      super(sent);
    }

    @Override
    public Value of(Tensor output, Tensor target) {
      return lambda().of(output, target);
    }
  }

  private static final class SentBatchLoss extends Sent<BatchLoss> implements BatchLoss {
    private static final long serialVersionUID = 1L;

    SentBatchLoss(SentLambda<BatchLoss> sent) {
      super(sent);
    }

    @Override
    public Loss.Value of(Tensors outputs, Batch batch) {
      return lambda().of(outputs, batch);
    }
  }

  private static final class SentMetric extends Sent<Metric> implements Metric {
    private static final long serialVersionUID = 1L;

    SentMetric(SentLambda<Metric> sent) {
      super(sent);
    }

    @Override
    public Value of(Tensor output, Tensor target) {
      return lambda().of(output, target);
    }

    @Override
    public double finish(double[] numbers) {
      return lambda().finish(numbers);
    }
  }

  private static final class SentSchedule extends Sent<Schedule> implements Schedule {
    private static final long serialVersionUID = 1L;

    SentSchedule(SentLambda<Schedule> sent) {
      super(sent);
    }

    @Override
    public double at(double lr, long done) {
      return lambda().at(lr, done);
    }
  }
}
