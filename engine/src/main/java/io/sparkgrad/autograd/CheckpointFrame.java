package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;

/**
 * One checkpointed call: what its forward would have saved, by position, and for each pass of
 * backward what was computed again. A recomputed tensor lives no longer than the node that asks for
 * it: the nodes hold the places, the places are weak keys.
 */
final class CheckpointFrame {
  private final Function<Tensor[], ?> function;
  private final boolean earlyStop;
  private final Generator start = Generator.current().copy();
  /* Through the hooks around us: inside another checkpoint our inputs are recomputed, too. */
  private final SavedTensors inputs = new SavedTensors(null);
  private final List<WeakReference<Place>> places = new ArrayList<>();
  private final Map<Object, Recomputation> passes = new WeakHashMap<>();

  CheckpointFrame(Function<Tensor[], ?> function, boolean earlyStop, Tensor... inputs) {
    this.function = function;
    this.earlyStop = earlyStop;
    this.inputs.save(inputs.clone());
    this.inputs.pack();
  }

  /** Stands for a tensor that forward would have saved. */
  static final class Place {
    private final int position;
    private final Metadata metadata;

    private Place(int position, Metadata metadata) {
      this.position = position;
      this.metadata = metadata;
    }
  }

  private record Metadata(List<Integer> shape, DType dtype, Device device) {
    static Metadata of(Tensor t) {
      return new Metadata(Arrays.stream(t.shape()).boxed().toList(), t.dtype(), t.device());
    }
  }

  synchronized Place pack(Tensor tensor) {
    Place place = new Place(places.size(), Metadata.of(tensor));
    places.add(new WeakReference<>(place));
    return place;
  }

  synchronized Tensor unpack(Place place) {
    GraphTask pass = GraphTask.current();
    Recomputation again = pass == null ? null : passes.get(pass);
    Tensor tensor = again == null ? null : again.tensors.get(place);
    if (tensor != null) return tensor;
    again = new Recomputation(places.size());
    again.run();
    if (pass != null) passes.put(pass, again);
    return again.tensors.get(place);
  }

  /** Ends a recomputation that has all it needs. */
  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Recomputation of;

    Stop(Recomputation of) {
      super("the recomputation has all it needs", null, false, false);
      this.of = of;
    }
  }

  private final class Recomputation {
    private final Map<Place, Tensor> tensors = new WeakHashMap<>();
    private final int expected;
    private final StringBuilder differences = new StringBuilder();
    private int count;

    Recomputation(int expected) {
      this.expected = expected;
    }

    void run() {
      Tensor[] in = new Tensor[inputs.size()];
      for (int i = 0; i < in.length; i++) in[i] = inputs.get(i);
      try (Generator.Scope random = Generator.use(start.copy());
          Grad.Mode recording = Grad.enableGrad();
          Checkpoint.Again again = new Checkpoint.Again();
          SavedTensorHooks hooks = SavedTensorHooks.use(this::take, t -> t)) {
        function.apply(in);
      } catch (Stop stop) {
        if (stop.of != this) throw stop;
      }
      check();
    }

    private Tensor take(Tensor tensor) {
      if (count < expected) keep(places.get(count).get(), tensor);
      if (++count == expected && earlyStop) throw new Stop(this);
      return tensor;
    }

    private void keep(Place place, Tensor tensor) {
      if (place == null) return; // its node has run and will not ask again
      Metadata metadata = Metadata.of(tensor);
      if (!metadata.equals(place.metadata)) {
        differences
            .append("\ntensor at position ")
            .append(place.position)
            .append(":\nsaved metadata: ")
            .append(place.metadata)
            .append("\nrecomputed metadata: ")
            .append(metadata);
      }
      tensors.put(place, tensor);
    }

    private void check() {
      if (count > expected) {
        throw new AutogradException(
            "checkpoint: trying to save more tensors during recomputation than during the original"
                + " forward pass.");
      }
      if (count < expected) {
        throw new AutogradException(
            ("checkpoint: A different number of tensors was saved during the original forward and"
                    + " recomputation.\n"
                    + "Number of tensors saved during forward: %s\n"
                    + "Number of tensors saved during recomputation: %s")
                .formatted(expected, count));
      }
      if (!differences.isEmpty()) {
        throw new AutogradException(
            "checkpoint: Recomputed values for the following tensors have different metadata than"
                + " during the forward pass."
                + differences);
      }
    }
  }
}
