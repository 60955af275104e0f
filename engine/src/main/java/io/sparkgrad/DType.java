package io.sparkgrad;

/** The type of a tensor's numbers, named as in PyTorch. */
public enum DType {
  BOOL("bool", 1, Category.BOOL),
  INT32("int32", 4, Category.INTEGER),
  INT64("int64", 8, Category.INTEGER),
  FLOAT32("float32", 4, Category.FLOATING),
  FLOAT64("float64", 8, Category.FLOATING);

  /** Kinds of numbers, in the order in which they win a promotion. */
  enum Category {
    BOOL,
    INTEGER,
    FLOATING
  }

  private final String torchName;
  private final int bytes;
  private final Category category;

  DType(String torchName, int bytes, Category category) {
    this.torchName = torchName;
    this.bytes = bytes;
    this.category = category;
  }

  /** Whether numbers of this type can have a gradient. */
  public boolean isFloatingPoint() {
    return category == Category.FLOATING;
  }

  /** Bytes of one number on a GPU. */
  public int bytes() {
    return bytes;
  }

  Category category() {
    return category;
  }

  /** This type where it is floating, else the default float32: what a division or an exp gives. */
  public DType orFloat() {
    return isFloatingPoint() ? this : FLOAT32;
  }

  /**
   * The type in which several operands meet (PyTorch's result_type): the highest kind wins; within
   * it the widest type, where 0-dim tensors count less than tensors with dimensions, and Java
   * numbers less than both: they raise the kind alone, to the default float32 or int64.
   */
  public static DType promote(Tensor... operands) {
    DType dims = null;
    DType zeroDim = null;
    DType number = null;
    for (Tensor t : operands) {
      if (t.dim() > 0) dims = wider(dims, t.dtype());
      else if (!t.isNumber()) zeroDim = wider(zeroDim, t.dtype());
      else number = wider(number, t.dtype().isFloatingPoint() ? FLOAT32 : INT64);
    }
    return join(dims, join(zeroDim, number));
  }

  private static DType wider(DType a, DType b) {
    return a == null || b.ordinal() > a.ordinal() ? b : a;
  }

  /* The weaker operand raises the kind of the result, never its width. */
  private static DType join(DType strong, DType weak) {
    if (strong == null) return weak;
    return weak != null && weak.category.compareTo(strong.category) > 0 ? weak : strong;
  }

  /** Whether an in-place operation may write a result of this type into {@code target}. */
  public boolean castsTo(DType target) {
    return category.compareTo(target.category) <= 0;
  }

  /** {@code torch.float32}: what PyTorch prints. */
  @Override
  public String toString() {
    return "torch." + torchName;
  }
}
