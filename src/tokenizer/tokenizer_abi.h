/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of rust/, whose files *_abi.rs and boundary.rs say more. A function that may fail returns an error,
   which has no data where all went well; otherwise nothing was written to `out`. All are safe on several threads but
   those that free. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FarpointTokenizer FarpointTokenizer;
typedef struct FarpointLists FarpointLists;
typedef struct FarpointTemplate FarpointTemplate;

typedef struct {
  const char* data; /* null where size is 0, or not */
  size_t size;
} FarpointText;

typedef struct {
  char* data; /* null: no string */
  size_t size;
} FarpointString;

typedef struct {
  bool special_tokens;
  size_t max_tokens; /* 0: no limit */
} FarpointEncodeOptions;

/* Alive as long as the lists. */
typedef struct {
  const uint32_t* ids;
  const uint32_t* type_ids; /* null for single texts */
  size_t id_count;
  const uint64_t* ends;
  const uint8_t* truncated;
  size_t count;
  uint64_t replaced;
} FarpointListsView;

void farpoint_string_free(FarpointString string);

FarpointString farpoint_tokenizer_open(FarpointText json, FarpointTokenizer** out);
void farpoint_tokenizer_free(FarpointTokenizer* tokenizer);
/* second: null, or as many texts as first */
FarpointString farpoint_tokenizer_encode(const FarpointTokenizer* tokenizer, const FarpointText* first,
                                         const FarpointText* second, size_t count, FarpointEncodeOptions options,
                                         FarpointLists** out);
FarpointString farpoint_tokenizer_decode(const FarpointTokenizer* tokenizer, const uint32_t* ids, size_t count,
                                         bool skip_special_tokens, FarpointString* out);
FarpointString farpoint_tokenizer_id(const FarpointTokenizer* tokenizer, FarpointText token, int64_t* out);
FarpointString farpoint_tokenizer_token(const FarpointTokenizer* tokenizer, uint32_t id, FarpointString* out);
FarpointString farpoint_tokenizer_edge(const FarpointTokenizer* tokenizer, bool front, FarpointLists** out);
size_t farpoint_tokenizer_vocab_size(const FarpointTokenizer* tokenizer);
size_t farpoint_tokenizer_added(const FarpointTokenizer* tokenizer, size_t texts);
bool farpoint_tokenizer_cuts(const FarpointTokenizer* tokenizer);

FarpointListsView farpoint_lists_view(const FarpointLists* lists);
void farpoint_lists_free(FarpointLists* lists);

/* Writes null where the folder has no template. */
FarpointString farpoint_template_open(FarpointText folder, FarpointTemplate** out);
void farpoint_template_free(FarpointTemplate* chat_template);
FarpointString farpoint_template_render(const FarpointTemplate* chat_template, FarpointText messages,
                                        bool add_generation_prompt, FarpointString* out);
FarpointString farpoint_template_origin(const FarpointTemplate* chat_template, FarpointString* out);
bool farpoint_template_uses_time(const FarpointTemplate* chat_template);

#ifdef __cplusplus
}
#endif
