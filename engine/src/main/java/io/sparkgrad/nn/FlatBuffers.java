package io.sparkgrad.nn;

import io.sparkgrad.Buffer;
import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A module's buffers at the beginning of the run of numbers: float32 ones as they are, int64 ones
 * as their change since the run began, which a float32 holds exactly up to 2^24; these come first.
 * Constant ones are left out.
 */
final class FlatBuffers {
  private static final float EXACT = 1 << 24;

  private final Map<String, Buffer> buffers = new LinkedHashMap<>();
  private final List<long[]> bases = new ArrayList<>(); // of each; null: float32
  private final Module module;
  private final int numel;
  private boolean looked; // whether forward assigns buffers anew

  FlatBuffers(Module module) {
    this.module = module;
    Map<String, Buffer> floats = new LinkedHashMap<>();
    long n = 0;
    for (Map.Entry<String, Buffer> e : module.namedBuffers().entrySet()) {
      Buffer b = e.getValue();
      if (b.isConstant()) continue;
      if (b.dtype() != DType.FLOAT32 && b.dtype() != DType.INT64)
        throw new IllegalArgumentException(
            "buffer %s is %s: only float32 and int64 ones may change in training; where it does not, make it constant()"
                .formatted(e.getKey(), b.dtype()));
      (b.dtype() == DType.INT64 ? buffers : floats).put(e.getKey(), b);
      n += b.numel();
    }
    for (Buffer whole : buffers.values()) bases.add(whole.toLongs());
    for (int i = 0; i < floats.size(); i++) bases.add(null);
    buffers.putAll(floats);
    numel = Math.toIntExact(n);
  }

  int count() {
    return buffers.size();
  }

  int numel() {
    return numel;
  }

  List<Integer> lengths() {
    return buffers.values().stream().map(Tensor::numel).toList();
  }

  int wholeNumbers() {
    return (int) bases.stream().filter(base -> base != null).count();
  }

  void copyTo(float[] all) {
    int at = 0;
    int i = 0;
    for (Buffer b : buffers.values()) {
      float[] now = numbers(b, bases.get(i++));
      System.arraycopy(now, 0, all, at, now.length);
      at += now.length;
    }
  }

  private static float[] numbers(Buffer b, long[] base) {
    if (base == null) return b.toFloats();
    long[] now = b.toLongs();
    float[] change = new float[now.length];
    for (int i = 0; i < now.length; i++) change[i] = now[i] - base[i];
    return change;
  }

  void restore(float[] all) {
    if (numel == 0) return;
    int at = 0;
    int i = 0;
    try (var quiet = Grad.noGrad()) {
      for (Map.Entry<String, Buffer> e : buffers.entrySet()) {
        Buffer b = e.getValue();
        long[] base = bases.get(i++);
        b.copy_(
            base == null
                ? Tensor.slice(all, at, b.shape())
                : Tensor.of(whole(e.getKey(), all, at, base), b.shape()));
        at += b.numel();
      }
    }
  }

  private static long[] whole(String name, float[] all, int at, long[] base) {
    long[] now = new long[base.length];
    for (int i = 0; i < now.length; i++) {
      float change = all[at + i];
      if (Math.abs(change) >= EXACT)
        throw new IllegalStateException(
            "buffer %s changed by 2^24, and a run counts no further: train fewer epochs at a time"
                .formatted(name));
      now[i] = base[i] + (long) change;
    }
    return now;
  }

  void take(float[] start, int rows, float[] into, BitSet changed) {
    if (!looked) checkSame();
    looked = true;
    int at = 0;
    int i = 0;
    for (Buffer b : buffers.values()) {
      float[] now = numbers(b, bases.get(i));
      for (int k = 0; k < now.length; k++) {
        float change = now[k] - start[at + k];
        into[at + k] = bases.get(i) == null ? change * rows : change;
        if (change != 0) changed.set(i);
      }
      at += now.length;
      i++;
    }
  }

  private void checkSame() {
    Map<String, Buffer> now = module.namedBuffers();
    buffers.forEach(
        (name, b) -> {
          if (now.get(name) != b)
            throw new IllegalStateException(
                "forward assigned buffer %s anew: write into the one that is there, say by copy_"
                    .formatted(name));
        });
  }

  /** The first of the numbers that is NaN or infinite; null: none. */
  String notFinite(float[] all) {
    int at = 0;
    for (Map.Entry<String, Buffer> e : buffers.entrySet()) {
      Buffer b = e.getValue();
      for (int i = 0; i < b.numel(); i++)
        if (!Float.isFinite(all[at + i]))
          return "buffer '%s' is %s at %s"
              .formatted(e.getKey(), all[at + i], FlatParameters.place(i, b));
      at += b.numel();
    }
    return null;
  }
}
