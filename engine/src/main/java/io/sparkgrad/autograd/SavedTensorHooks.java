package io.sparkgrad.autograd;

import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.scope.ThreadScope;
import java.util.function.Function;

/**
 * Lets the calling thread decide in what form tensors are kept for backward, until closed:
 * PyTorch's saved_tensors_hooks. The innermost pair counts. Whether a packed tensor was changed in
 * place is not checked.
 *
 * <pre>{@code
 * try (var h = SavedTensorHooks.saveOnCpu()) { loss = model.forward(x).sum(); }
 * }</pre>
 */
public final class SavedTensorHooks extends ThreadScope {
  private static final RareKind<SavedTensorHooks> OPEN = new RareKind<>();

  private final Function<Tensor, Object> pack;
  private final Function<Object, Tensor> unpack;
  /* Why hooks may not be used now; then there is no pair. */
  private final String forbidden;
  /* Whether what was saved may be asked for inside only. */
  private final boolean confined;

  private SavedTensorHooks(
      Function<Tensor, Object> pack,
      Function<Object, Tensor> unpack,
      String forbidden,
      boolean confined) {
    super(OPEN.here());
    this.pack = pack;
    this.unpack = unpack;
    this.forbidden = forbidden;
    this.confined = confined;
  }

  /**
   * Packs what is saved from now on, and unpacks it each time a derivative asks for it.
   *
   * @param pack what to keep instead of the tensor, which it must not change
   * @param unpack a tensor of the same values
   */
  @SuppressWarnings("unchecked") // unpack gets what pack gave
  public static <P> SavedTensorHooks use(Function<Tensor, P> pack, Function<P, Tensor> unpack) {
    return use(
        (Function<Tensor, Object>) pack, (Function<Object, Tensor>) unpack, /* confined= */ false);
  }

  private static SavedTensorHooks use(
      Function<Tensor, Object> pack, Function<Object, Tensor> unpack, boolean confined) {
    SavedTensorHooks current = inherited();
    if (current != null && current.forbidden != null) {
      throw new IllegalStateException(current.forbidden);
    }
    return new SavedTensorHooks(pack, unpack, null, confined);
  }

  /**
   * Lets tensors be changed in place although they were saved, as each is copied for it: PyTorch's
   * allow_mutation_on_saved_tensors. Backward has to run before this is closed.
   */
  public static SavedTensorHooks allowMutationOnSaved() {
    for (SavedTensorHooks h = inherited(); h != null; h = (SavedTensorHooks) h.around()) {
      if (h.confined)
        throw new IllegalStateException(
            "allow_mutation_on_saved_tensors contexts cannot be nested");
    }
    return use(Tensor::clone, copy -> (Tensor) copy, /* confined= */ true);
  }

  /** Keeps what is saved in the memory of the CPU: for GPUs. */
  public static SavedTensorHooks saveOnCpu() {
    record OnCpu(Tensor copy, Device from) {}
    return use(
        t -> new OnCpu(t.device().isCuda() ? t.to(Device.CPU) : t.clone(), t.device()),
        p -> p.copy.to(p.from));
  }

  /** Makes {@link #use} an error with the given text until closed; an error itself under hooks. */
  public static SavedTensorHooks disable(String message) {
    if (current() != null) throw new IllegalStateException(message);
    return new SavedTensorHooks(null, null, message, false);
  }

  static SavedTensorHooks current() {
    SavedTensorHooks current = inherited();
    return current == null || current.forbidden != null ? null : current;
  }

  /* The innermost hooks or prohibition; may be null. */
  static SavedTensorHooks inherited() {
    return OPEN.innermost();
  }

  Object pack(Tensor tensor) {
    Tensor seen = tensor.detach();
    int version = seen.version();
    Object packed = pack.apply(seen);
    if (seen.version() != version) {
      throw new AutogradException(
          "A saved tensor pack hook is modifying its input in place. Tensors passed as input to pack hook can not "
              + "be modified in-place; change a clone()");
    }
    return packed;
  }

  Tensor unpack(Object packed) {
    if (confined && isClosed()) {
      throw new AutogradException(
          "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context in which the graph was "
              + "originally recorded.");
    }
    Tensor tensor = unpack.apply(packed);
    if (tensor == null) {
      throw new AutogradException(
          "Output of saved tensor unpack_hook expected to be a Tensor, got null");
    }
    return tensor;
  }
}
