package io.sparkgrad.autograd;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The warning for {@code .grad()} of a tensor that will never have one, once a call site. */
public final class NonLeafGradWarning {
  private static final Logger LOG = LoggerFactory.getLogger(NonLeafGradWarning.class);
  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private NonLeafGradWarning() {}

  public static void warn() {
    StackTraceElement site = CallSite.frames()[0];
    if (!WARNED.add(site.toString())) return;
    LOG.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
            + "populated during backward(). If you indeed want the .grad field to be populated for a non-leaf "
            + "Tensor, use .retainGrad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make "
            + "sure you access the leaf Tensor instead. (at {})",
        site);
  }
}
