// Every reader of src/macho on any bytes: a fat file's slices, or one image. What the fuzz target and the hostile tests run.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "bytes/source.h"
#include "macho/build.h"
#include "macho/chained_fixups.h"
#include "macho/code_signature.h"
#include "macho/dyld_info.h"
#include "macho/dylibs.h"
#include "macho/entry.h"
#include "macho/exports.h"
#include "macho/fat.h"
#include "macho/function_starts.h"
#include "macho/hardening.h"
#include "macho/image.h"
#include "macho/imports.h"
#include "macho/notes.h"
#include "macho/relocations.h"
#include "macho/symbols.h"

namespace abiscope::macho {

inline void read_image(const SourcePtr& source, View bytes) {
    finding::Sink sink;
    auto image = Image::parse(source, bytes, sink);
    if (!image) return;
    static_cast<void>(read_linkage(*image, sink));
    static_cast<void>(read_entry(*image, sink));
    static_cast<void>(read_build(*image, sink));
    static_cast<void>(read_notes(*image, sink));
    static_cast<void>(read_indirect_symbols(*image, sink));
    static_cast<void>(read_binds(*image, sink));
    static_cast<void>(read_rebases(*image, sink));
    static_cast<void>(read_chained_fixups(*image, sink));
    static_cast<void>(read_imports(*image, sink));
    static_cast<void>(read_exports(*image, sink));
    static_cast<void>(read_relocations(*image, sink));
    static_cast<void>(read_function_starts(*image, sink));
    static_cast<void>(read_data_in_code(*image, sink));
    static_cast<void>(read_code_signature(*image, sink));
    static_cast<void>(read_hardening(*image));
    auto symbols = read_symbols(*image, sink);
    for (const Section& section : image->sections()) {
        static_cast<void>(image->content(section));
        static_cast<void>(image->offset_of(section.address));
    }
    if (symbols && !image->sections().empty()) {
        static_cast<void>(nearest_symbol(symbols->symbols, *image, image->sections().front().address));
    }
}

inline void read_everything(std::span<const std::byte> bytes) {
    auto source = Source::from_memory("fuzz", std::vector<std::byte>(bytes.begin(), bytes.end()));
    if (fat_kind(source->view()) != FatKind::fat) return read_image(source, source->view());
    finding::Sink sink;
    auto fat = read_fat(source, source->view(), sink);
    if (!fat) return;
    std::size_t most = 4;   // slices may overlap and each may be the whole file: more of them only make the fuzzer slow
    for (const FatSlice& slice : fat->slices) {
        if (most-- == 0) break;
        read_image(source, slice.bytes);
    }
}

}  // namespace abiscope::macho
