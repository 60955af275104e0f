/** Files of tensors: safetensors, written atomically and read in parts. */
package io.sparkgrad.files;
