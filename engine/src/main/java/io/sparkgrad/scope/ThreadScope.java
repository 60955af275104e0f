package io.sparkgrad.scope;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A mode or setting that holds on one thread until it is closed: a grad mode, hooks, a generator.
 * Scopes of a kind nest. Closing one brings back what held when it was opened, so it also ends
 * those that were opened inside it and are still open; closing one that has ended does nothing. A
 * scope is closed by its own thread: on another one that is an error, and changes nothing.
 */
public abstract class ThreadScope implements AutoCloseable {
  private final Open<?> open;
  private final ThreadScope outer;
  private boolean closed;

  /** Opens it; whatever may fail has to be checked before. */
  protected ThreadScope(Open<?> open) {
    this.open = open;
    outer = open.innermost;
    open.innermost = this;
    if (open.onAllThreads != null) open.onAllThreads.incrementAndGet();
  }

  /** The scope around it, or null. */
  protected final ThreadScope around() {
    return outer;
  }

  protected final boolean isClosed() {
    return closed;
  }

  /** Undoes what opening it did. All that was opened inside it has ended. */
  protected void end() {}

  @Override
  public final void close() {
    if (closed) return;
    if (Thread.currentThread() != open.thread) {
      throw new IllegalStateException(
          "this scope was opened by thread %s, which alone can close it; this is thread %s"
              .formatted(open.thread.getName(), Thread.currentThread().getName()));
    }
    ThreadScope ended;
    do {
      ended = open.innermost;
      open.innermost = ended.outer;
      ended.closed = true;
      if (open.onAllThreads != null) open.onAllThreads.decrementAndGet();
      ended.end();
    } while (ended != this);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + (closed ? "(closed)" : "(open)");
  }

  /** The open scopes of a kind on one thread. */
  public static class Open<S extends ThreadScope> {
    private Thread thread = Thread.currentThread();
    private ThreadScope innermost;
    /* How many there are, where the kind counts them. */
    private final AtomicInteger onAllThreads;

    public Open() {
      this(null);
    }

    private Open(AtomicInteger onAllThreads) {
      this.onAllThreads = onAllThreads;
    }

    /** Null if none is open. */
    @SuppressWarnings("unchecked") // a kind's scopes are opened with its own
    public final S innermost() {
      return (S) innermost;
    }

    /** Takes the innermost one away without ending it: nobody can close it any more. */
    protected final void forgetInnermost() {
      innermost = innermost.outer;
    }
  }

  /** A kind of scopes: what is open of it, on each thread. */
  public static final class Kind<O extends Open<?>> {
    private static final List<Kind<?>> ALL = new CopyOnWriteArrayList<>();

    private final ThreadLocal<O> here;

    /**
     * @param none makes what a thread begins with
     */
    public Kind(Supplier<O> none) {
      here = ThreadLocal.withInitial(none);
      ALL.add(this);
    }

    /** The scopes open on the calling thread. */
    public O here() {
      return here.get();
    }

    private Runnable takenAlong(Runnable work) {
      O callers = here.get();
      Open<?> open = callers;
      return () -> {
        Thread waiting = open.thread;
        open.thread = Thread.currentThread();
        here.set(callers);
        try {
          work.run();
        } finally {
          here.remove();
          open.thread = waiting;
        }
      };
    }
  }

  /**
   * A kind of scopes of which mostly none is open, as those for debugging: then asking for the
   * innermost one costs no look into the thread.
   */
  public static final class RareKind<S extends ThreadScope> {
    private final AtomicInteger onAllThreads = new AtomicInteger();
    private final Kind<Open<S>> kind = new Kind<>(() -> new Open<>(onAllThreads));

    /** The scopes open on the calling thread. */
    public Open<S> here() {
      return kind.here();
    }

    /** The innermost scope of the calling thread, null if none is open. */
    public S innermost() {
      return onAllThreads.get() == 0 ? null : here().innermost();
    }
  }

  /**
   * The work, to be run by another thread while the calling one waits for it: there the scopes of
   * all kinds are those that are open here.
   */
  public static Runnable takenAlong(Runnable work) {
    for (Kind<?> kind : Kind.ALL) work = kind.takenAlong(work);
    return work;
  }
}
