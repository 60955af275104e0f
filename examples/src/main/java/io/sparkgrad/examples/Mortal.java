package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkEnv;

/**
 * The executors' side of {@link Soak}: model, loss, metric and optimizer that end their process
 * where the driver says, and wait where it says. Both talk by files, so all processes must see one
 * folder.
 */
final class Mortal {
  /** Where in a run an executor dies. */
  enum Phase {
    /** With the new weights, before it computes. */
    AFTER_REPLY,
    /** It has computed, and pushes nothing. */
    BEFORE_PUSH,
    /** Within an update of the numbers that it holds, as their primary or their backup. */
    BETWEEN_SEGMENTS,
    VALIDATION,
    /** Right after another one, before a third has come in its place. */
    RECOVERY,
    /** The one that comes in the place of a lost one, before it takes part. */
    JOINING
  }

  /**
   * Who is to die next.
   *
   * @param victim the executor's id; empty: one that has not computed yet
   * @param times the phase is passed before
   */
  record Order(int number, String victim, Phase phase, int times) {
    private static Order parse(String text) {
      String[] words = text.split(" ");
      return new Order(
          Integer.parseInt(words[0]),
          words[1].equals("-") ? "" : words[1],
          Phase.valueOf(words[2]),
          Integer.parseInt(words[3]));
    }

    @Override
    public String toString() {
      return "%d %s %s %d".formatted(number, victim.isEmpty() ? "-" : victim, phase, times);
    }
  }

  static final String COMPUTES = "computes-"; // before an executor's id

  private static final int KILLED = 137; // as a process that was sent SIGKILL
  private static final int LOOK_MS = 5;
  private static final int CERTAIN = 3; // updates after which a loss before them is dealt with
  private static Mortal here; // of this process

  private final Path folder;
  private final String executor;
  private final AtomicInteger passed = new AtomicInteger();
  private volatile Order order; // null: none
  private volatile long limit;
  private volatile long updates; // the highest that was made here
  private volatile long updatesAtOrder;
  private volatile boolean computed;

  private Mortal(Path folder, String executor) {
    this.folder = folder;
    this.executor = executor;
    read();
    Thread thread = new Thread(this::watch, "soak");
    thread.setDaemon(true);
    thread.start();
  }

  /** This executor's; null on the driver. */
  private static synchronized Mortal in(String folder) {
    String executor = SparkEnv.get().executorId();
    if (executor.equals("driver")) return null;
    if (here == null || !here.folder.equals(Path.of(folder)))
      here = new Mortal(Path.of(folder), executor);
    return here;
  }

  private void watch() {
    try {
      while (Files.isDirectory(folder)) {
        read();
        Thread.sleep(LOOK_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    String text = read(folder, "order");
    if (text != null && (order == null || !order.toString().equals(text))) {
      updatesAtOrder = updates;
      passed.set(0);
      order = Order.parse(text);
    }
    String most = read(folder, "limit");
    limit = most == null ? Long.MAX_VALUE : Long.parseLong(most);
  }

  /** A file's text; null if there is none. */
  static String read(Path folder, String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file that others see whole or not at all. */
  static void write(Path folder, String name, String text) {
    try {
      Path part = Files.createTempFile(folder, "part-", "");
      Files.writeString(part, text);
      Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the process here if that was ordered. */
  private void at(Phase phase) {
    Order o = order;
    if (o == null || !concerns(o, phase) || passed.getAndIncrement() < o.times()) return;
    try {
      Files.createFile(folder.resolve("dead-" + o.number()));
    } catch (FileAlreadyExistsException e) {
      return; // another one was first
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().halt(KILLED);
  }

  private boolean concerns(Order o, Phase phase) {
    if (o.phase() == Phase.JOINING) return phase == Phase.JOINING && !computed;
    if (!o.victim().equals(executor)) return false;
    if (o.phase() != Phase.RECOVERY) return o.phase() == phase;
    return phase == Phase.BEFORE_PUSH && updates >= updatesAtOrder + CERTAIN;
  }

  /** Says that this executor computes, and waits at the step that the driver named. */
  private void pace() {
    if (!computed) write(folder, COMPUTES + executor, "");
    computed = true;
    try {
      while (updates >= limit) Thread.sleep(LOOK_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Module model(String folder, Module net) {
    Mortal m = in(folder);
    if (m != null) m.at(Phase.JOINING);
    return new Sequential(new Gate(folder), net);
  }

  /** Passes its input on. */
  private static final class Gate extends Module {
    private static final long serialVersionUID = 1;
    private final String folder;

    Gate(String folder) {
      this.folder = folder;
    }

    @Override
    public Tensor forward(Tensor x) {
      Mortal m = Grad.isEnabled() ? in(folder) : null;
      if (m != null) m.pace();
      if (m != null) m.at(Phase.AFTER_REPLY);
      return x;
    }
  }

  static Loss loss(String folder) {
    return (output, target) -> {
      Loss.Value value = Losses.crossEntropy(output, target);
      Mortal m = Grad.isEnabled() ? in(folder) : null;
      if (m != null) m.at(Phase.BEFORE_PUSH);
      return value;
    };
  }

  static Metric accuracy(String folder) {
    return (output, target) -> {
      Mortal m = in(folder);
      if (m != null) m.at(Phase.VALIDATION);
      return Metrics.accuracy(output, target);
    };
  }

  /** SGD with a momentum of 0.9. */
  static final class Rule extends Optimizer {
    private static final long serialVersionUID = 1;
    private final String folder;
    private final double lr;

    Rule(String folder, double lr) {
      this.folder = folder;
      this.lr = lr;
    }

    @Override
    public double lr() {
      return lr;
    }

    @Override
    public List<String> slots() {
      return List.of("momentum_buffer");
    }

    @Override
    protected void update(int n, double[] w, double[] g, double[][] slots, long step, double rate) {
      double[] v = slots[0];
      for (int i = 0; i < n; i++) {
        v[i] = 0.9 * v[i] + g[i];
        w[i] -= rate * v[i];
      }
      Mortal m = in(folder);
      if (m == null) return;
      m.updates = Math.max(m.updates, step);
      m.at(Phase.BETWEEN_SEGMENTS);
    }
  }
}
