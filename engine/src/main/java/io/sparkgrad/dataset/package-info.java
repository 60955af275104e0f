/**
 * Data sets in their own formats, and transforms of images. An image is a float32 tensor {@code
 * [channels, height, width]}, its numbers from 0 to 1 until they are normalized. All of it is light
 * and Serializable, for use in a function that Spark maps over rows.
 *
 * <dl>
 *   <dt>IDX
 *   <dd>the format of MNIST: a header with sizes, then bytes
 *   <dt>transform
 *   <dd>makes one image of another, some by chance: numbers of a generator that is given
 * </dl>
 */
package io.sparkgrad.dataset;
