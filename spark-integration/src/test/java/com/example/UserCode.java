package com.example;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.util.concurrent.Callable;
import org.apache.spark.TaskContext;

/** What a user writes, in a package of the user's: it fails in the tasks, not on the driver. */
public final class UserCode {
  /** A checked exception, as Scala code throws them. */
  public static final class TooOld extends Exception {
    private static final long serialVersionUID = 1;

    public TooOld(String text) {
      super(text);
    }
  }

  /** Cannot be sent. */
  public static final class Unsendable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Object place = new Object();

    public Unsendable(String text) {
      super(text);
    }

    @Override
    public String toString() {
      return super.toString() + (place == null ? "!" : "");
    }
  }

  private UserCode() {}

  public static Loss loss(ErrorOf error) {
    return (output, target) -> {
      failInTask(error);
      return Losses.crossEntropy(output, target);
    };
  }

  public static Metric metric(ErrorOf error) {
    return (output, target) -> {
      failInTask(error);
      return new Metric.Value(1, 1);
    };
  }

  public static ModelSupplier supplier(ModelSupplier model, ErrorOf error) {
    return () -> {
      failInTask(error);
      return model.get();
    };
  }

  /** Fails when a task deserializes it. */
  public static final class Unreadable implements Loss {
    private static final long serialVersionUID = 1;

    private final ErrorOf error;

    public Unreadable(ErrorOf error) {
      this.error = error;
    }

    @Override
    public Value of(Tensor output, Tensor target) {
      return Losses.crossEntropy(output, target);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      if (Thread.currentThread().getName().startsWith("Executor task")) undeclared(error.make());
    }
  }

  /** Makes an exception; serializable. */
  @FunctionalInterface
  public interface ErrorOf extends java.io.Serializable {
    Exception make();
  }

  private static void failInTask(ErrorOf error) {
    if (TaskContext.get() != null) undeclared(error.make());
  }

  public static <T> T undeclared(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception e) {
      throw UserCode.<RuntimeException>undeclared(e);
    }
  }

  @SuppressWarnings("unchecked")
  public static <E extends Throwable> E undeclared(Throwable error) throws E {
    throw (E) error;
  }

  /** A module with a fault deep in its calls. */
  public static final class Deep extends Module {
    private static final long serialVersionUID = 1;

    final Module inner;

    public Deep(Module inner) {
      this.inner = inner;
    }

    @Override
    public Tensor forward(Tensor x) {
      if (TaskContext.get() != null) dig(60);
      return inner.forward(x);
    }

    private static void dig(int depth) {
      if (depth > 0) dig(depth - 1);
      else throw new ArithmeticException("too deep");
    }
  }
}
