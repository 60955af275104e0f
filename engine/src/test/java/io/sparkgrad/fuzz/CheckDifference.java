package io.sparkgrad.fuzz;

import java.util.Map;
import java.util.function.Predicate;

/** Rows about what is refused, and the shapes of results. */
enum CheckDifference implements KnownDifference {
  ONE_ROW_OF_CLASSES(
      "`nllLoss` of one row with several targets",
      f ->
          f.ourError().contains("needs a target of shape")
              && f.call("nllLoss", "crossEntropy")
                  .filter(c -> f.shape(c.self()).length == 1)
                  .isPresent()),
  MASK_OF_ANOTHER_TYPE(
      "masks of other types than bool and uint8 in `maskedFill`",
      f ->
          f.torchError().isEmpty()
                  && f.ourError().contains("expected a bool or uint8 tensor for mask")
                  && f.call("maskedFill", "maskedScatter").isPresent()
              || f.torchError().contains("expected BoolTensor or ByteTensor for mask")
                  && f.ourError().isEmpty()
                  && f.calls("maskedScatter").findAny().isPresent()),
  NOTHING_TO_CHECK(
      "a dimension, an index or a type that does not fit, where there are no",
      f ->
          f.torchError().isEmpty()
              && !f.ourError().isEmpty()
              && f.call("index", "indexAdd", "indexFill", "indexPut", "nllLoss", "crossEntropy")
                  .filter(
                      c -> Finding.operands(c).anyMatch(x -> f.tensor(x).path("values").isEmpty()))
                  .isPresent()),
  GROWN_RECEIVER(
      "`addbmm_` of a receiver that is smaller than the product",
      f ->
          f.torchError().isEmpty()
              && f.ourError().matches("(?s).*addbmm_: output with shape .* doesn't match.*")),
  PRODUCT_OF_NOTHING(
      "`addmv` of a matrix without elements and a number or a vector of one",
      f ->
          f.ourError().isEmpty()
                  && f.torchError().contains("can't be cast to the desired output type Bool")
                  && f.call("addbmm", "addmm", "addmv", "baddbmm")
                      .filter(c -> f.numbers(c.arguments().get(0)).length == 0)
                      .isPresent()
              || f.torchError().isEmpty()
                  && f.ourError().contains("found torch.bool and torch.bool")
                  && f.call("chainMatmul", "mm", "matmul")
                      .filter(c -> Finding.operands(c).anyMatch(x -> f.numbers(x).length == 0))
                      .isPresent()
              || f.torchError().contains("expected scalar type Long but found Byte")
                  && f.ourError().isEmpty()
                  && f.call("tensordot").isPresent()
              || f.isAbout("shape")
                  && f.call("addmv")
                      .filter(
                          c ->
                              f.numbers(c.self()).length == 1
                                  && f.numbers(c.arguments().get(0)).length == 0)
                      .isPresent()),
  LOSS_OF_NO_CLASSES(
      "`nllLoss` of no classes, of more than two dimensions",
      f ->
          f.torchError().contains("size mismatch (got input")
              && f.ourError().isEmpty()
              && f.call("nllLoss")
                  .filter(c -> f.shape(c.self()).length > 2 && f.numbers(c.self()).length == 0)
                  .isPresent()),
  PADDED_TO_NOTHING(
      "`pad` to a dimension of size 0",
      f ->
          f.torchError().contains("resulted in a negative output size")
              && f.ourError().isEmpty()
              && f.call("pad").isPresent()),
  NUMBER_BY_A_MASK(
      "`index` and `indexPut` of a 0-dim tensor, or by a 0-dim mask",
      f ->
          f.ourError().isEmpty()
              && f.call("index", "indexPut")
                  .filter(
                      c ->
                          f.torchError().contains("too many indices for tensor of dimension 0")
                              || f.torchError().contains("broadcast to indexing result")
                                  && hasMaskOfOne(f, c))
                  .isPresent()),
  SELECTED_NUMBER(
      "`indexSelect` of a 0-dim tensor by several indices or none",
      f ->
          f.torchError().isEmpty()
              && f.ourError().contains("shape '[]' is invalid")
              && f.call("indexSelect").filter(c -> f.shape(c.self()).length == 0).isPresent()),
  BAGS(
      "`embeddingBag` of weights of another rank, or of NaN",
      f -> {
        if ((f.isAbout("values") || f.isAbout("version"))
            && f.calls("embeddingBag").anyMatch(c -> isRefused(f, c))) return true;
        if (f.ofGradients())
          return f.isAbout("values") && f.calls("embeddingBag").anyMatch(c -> scales(c));
        if (f.call("embeddingBag").isEmpty()) return false;
        return f.torchError().isEmpty() && f.ourError().contains("'weight' must be 2-D")
            || f.isAbout("shape") && f.calls("embeddingBag").anyMatch(c -> isLastOfRows(f, c))
            || f.differ((t, o) -> t.isNaN() || o.isNaN());
      });

  private final String row;
  private final Predicate<Finding> covers;

  CheckDifference(String row, Predicate<Finding> covers) {
    this.row = row;
    this.covers = covers;
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public boolean covers(Finding f) {
    return covers.test(f);
  }

  private static boolean hasMaskOfOne(Finding f, Statement.Call c) {
    return c.arguments().get(0).names().stream()
        .anyMatch(i -> f.dtype(i).equals("bool") && f.shape(i).length == 0);
  }

  private static boolean isRefused(Finding f, Statement.Call bag) {
    int at = f.program().statements().indexOf(bag);
    return f.ours().get("statements").get(at).has("error")
        && !f.isAbout("error")
        && bag.arguments().stream()
            .anyMatch(a -> a.value() instanceof Map<?, ?> o && o.containsKey("max_norm"));
  }

  private static boolean isLastOfRows(Finding f, Statement.Call bag) {
    return f.shape((String) bag.arguments().get(0).value()).length == 2
        && bag.arguments().stream()
            .anyMatch(
                a -> a.value() instanceof Map<?, ?> o && o.containsKey("include_last_offset"));
  }

  private static boolean scales(Statement.Call bag) {
    return bag.arguments().stream()
        .anyMatch(a -> a.value() instanceof Map<?, ?> o && o.containsKey("scale_grad_by_freq"));
  }
}
