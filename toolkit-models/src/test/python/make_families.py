#!/usr/bin/env python3
"""Tiny random checkpoints of every encoder family, with what Hugging Face transformers and torch compute from them in float64.

usage: make_families.py   (made with torch 2.13.0, transformers 5.18.0, tokenizers 0.23.2; writes golden/families/NAME/)
Every folder is a whole model: config.json, model.safetensors (float32), tokenizer.json; beside it expected.json (a padded batch, its
hidden rows, logits and loss; token ids of texts) and gradient.safetensors (float64, of the loss by every parameter; of the word table only
the rows that the batch has, "word_rows"). Everything is the same in every run but the last digits of the Unigram tokenizer's scores.
"""
import json, os, warnings

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast, RobertaTokenizer, XLMRobertaTokenizer

warnings.filterwarnings("ignore")
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "golden", "families")
LENGTHS = [18, 1, 7, 12, 4]
TEXTS = [
    "the cat sat on the mat", "a dog ran in the park", "the bird sang a song", "it was a good film and a bad book",
    "she reads the news in the morning", "rain fell on the roof all night", "they sold the old house", "prices rose again this year",
]
SINGLES = ["the cat sang", "", "Two  spaces, and CAPS!", "naïve café 中文 \U0001f600", " leading and trailing ", "x" * 30,
           "a <mask> here </s> and [SEP] there", "tab\tand\nline"]
PAIRS = [["the cat sat", "on the mat"], ["", "only b"], ["only a", ""], ["a good film and a bad book " * 3, "short"]]


def byte_bpe(folder):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.train_from_iterator(TEXTS, trainers.BpeTrainer(
        vocab_size=290, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))
    model = json.loads(trained.to_str())["model"]
    RobertaTokenizer(vocab=model["vocab"], merges=[tuple(m) for m in model["merges"]]).save_pretrained(folder)
    return RobertaTokenizer.from_pretrained(folder)


def unigram(folder):
    pieces = Tokenizer(models.Unigram())
    pieces.pre_tokenizer = pre_tokenizers.Metaspace()
    pieces.train_from_iterator(TEXTS, trainers.UnigramTrainer(vocab_size=60, show_progress=False, unk_token="<unk>",
                                                              special_tokens=["<s>", "<pad>", "</s>", "<unk>"]))
    vocab = [tuple(piece) for piece in json.loads(pieces.to_str())["model"]["vocab"]]
    XLMRobertaTokenizer(vocab=vocab + [("<mask>", 0.0)]).save_pretrained(folder)
    return XLMRobertaTokenizer.from_pretrained(folder)


def word_piece(folder):
    letters = "abcdefghijklmnopqrstuvwxyz.,!"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list(letters) + ["##" + c for c in letters[:26]]
    words += ["the", "cat", "on", "in", "an", "##ing", "##er", "good"]
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]",
                                   cls_token="[CLS]", mask_token="[MASK]")
    fast.save_pretrained(folder)
    return fast


BERTISH = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=20)
FAMILIES = {
    "bert": (word_piece, "bert", dict(BERTISH, hidden_act="gelu_new")),
    "roberta": (byte_bpe, "roberta", dict(BERTISH, hidden_act="gelu", type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5)),
    "xlm-roberta": (unigram, "xlm-roberta", dict(BERTISH, hidden_act="silu", type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5)),
    "distilbert": (word_piece, "distilbert", dict(dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=20)),
    "electra": (word_piece, "electra", dict(BERTISH, hidden_act="relu", embedding_size=6)),
    "electra-unprojected": (word_piece, "electra", dict(BERTISH, embedding_size=8)),
}


def randomize(model, generator):
    for name, p in sorted(model.named_parameters()):
        size = 0.5 / p.shape[-1] ** 0.5 if p.dim() == 2 else 0.3
        if "embeddings" in name and p.dim() == 2:
            size = 1.0
        values = torch.randn(p.shape, generator=generator) * size * (2 if p.dim() == 2 else 1)
        p.data = values + (1.0 if p.dim() == 1 and "orm.weight" in name else 0.0)


def batch(config, generator, typed):
    width = max(LENGTHS) + 1
    pad = config.pad_token_id
    ids = torch.full((len(LENGTHS), width), pad)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for b, length in enumerate(LENGTHS):
        drawn = torch.randint(2, config.vocab_size, (length,), generator=generator)
        ids[b, :length] = drawn
        mask[b, :length] = 1
        if typed and b % 2 == 0:
            types[b, length // 2:length] = 1
    return ids, mask, types


def rows(hidden, mask):
    return hidden[mask.bool()].tolist()


def run(model, ids, mask, types, typed):
    given = dict(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    if typed:
        given["token_type_ids"] = types
    return model(**given)


def tokens(tokenizer):
    def ids(a, b=None, length=None):
        # As a batch of one: transformers takes a pair with an empty second text for a single text otherwise.
        found = tokenizer([a], None if b is None else [b], truncation=length is not None, max_length=length)
        return found["input_ids"][0]
    return dict(
        singles=[dict(text=a, ids=ids(a), ids10=ids(a, length=10)) for a in SINGLES],
        pairs=[dict(a=a, b=b, ids=ids(a, b), ids14=ids(a, b, 14)) for a, b in PAIRS])


for number, (name, (make_tokenizer, model_type, settings)) in enumerate(FAMILIES.items()):
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    tokenizer = make_tokenizer(folder)
    typed = model_type in ("bert", "electra")
    generator = torch.Generator().manual_seed(100 + number)
    config = AutoConfig.for_model(model_type, vocab_size=len(tokenizer), num_labels=3, **settings)
    model = AutoModelForSequenceClassification.from_config(config, attn_implementation="eager")
    randomize(model, generator)
    model.save_pretrained(folder)
    model = model.double().eval()
    ids, mask, types = batch(config, generator, typed)
    labels = torch.tensor([0, 1, 2, 1, 0])
    out = run(model, ids, mask, types, typed)
    loss = torch.nn.functional.cross_entropy(out.logits, labels)
    loss.backward()
    word = next(n for n, _ in model.named_parameters() if n.endswith("word_embeddings.weight"))
    touched = torch.unique(ids[mask.bool()])
    gradients = {n: p.grad.clone().contiguous() for n, p in model.named_parameters()}
    gradients["word_rows"], gradients[word] = touched, gradients[word][touched].contiguous()
    save_file(gradients, os.path.join(folder, "gradient.safetensors"))
    expected = dict(input_ids=ids.tolist(), layout=mask.tolist(), token_type_ids=types.tolist(), labels=labels.tolist(),
                    hidden=rows(out.hidden_states[-1], mask), logits=out.logits.tolist(), loss=float(loss),
                    tokens=tokens(tokenizer))
    if "roberta" in name:  # a text that has the padding token in it
        inner = ids.clone()
        inner[0, 3] = inner[0, 4] = inner[2, 0] = config.pad_token_id
        out = run(model, inner, mask, types, typed)
        expected.update(inner_pad=dict(input_ids=inner.tolist(), hidden=rows(out.hidden_states[-1], mask), logits=out.logits.tolist()))
    with open(os.path.join(folder, "expected.json"), "w") as f:
        json.dump(expected, f, ensure_ascii=False)
        f.write("\n")
    for extra in ("tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt"):
        if os.path.exists(os.path.join(folder, extra)):
            os.remove(os.path.join(folder, extra))
    print(name, len(tokenizer), float(loss), out.logits[0].tolist())
