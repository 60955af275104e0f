package io.sparkgrad.nn;

import java.util.List;

/**
 * What a state dict that was loaded with {@code strict} false did not fit.
 *
 * @param missing names of the module that the state dict has not; their numbers stay
 * @param unexpected names of the state dict that the module has not
 */
public record IncompatibleKeys(List<String> missing, List<String> unexpected) {}
