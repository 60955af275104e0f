/**
 * Files of tensors: safetensors, written atomically and read in parts.
 *
 * <dl>
 *   <dt>safetensors
 *   <dd>a JSON header with names, types, shapes and places, then the numbers
 *   <dt>metadata
 *   <dd>texts by name in the header
 *   <dt>atomic
 *   <dd>a file is there whole or not at all: written under another name, then renamed
 * </dl>
 */
package io.sparkgrad.files;
