// Every reader of src/pe on the same bytes.
#include <cstddef>
#include <cstdint>

#include "bytes/source.h"
#include "pe/certificates.h"
#include "pe/checksum.h"
#include "pe/clr.h"
#include "pe/exports.h"
#include "pe/hardening.h"
#include "pe/image.h"
#include "pe/imports.h"
#include "pe/load_config.h"
#include "pe/manifest.h"
#include "pe/notes.h"
#include "pe/overlay.h"
#include "pe/relocations.h"
#include "pe/resources.h"
#include "pe/rich.h"
#include "pe/symbols.h"
#include "pe/tls.h"
#include "pe/version_info.h"

namespace {

using namespace abiscope;

template <typename T>
void forget(const T& read) {
    if (!read) static_cast<void>(read.error().describe());
}

void try_load_config(const pe::Image& image, finding::Sink& sink) {
    auto config = pe::read_load_config(image, sink);
    forget(config);
    if (!config || !*config) return;
    static_cast<void>(pe::read_safe_handlers(image, **config, sink));
    static_cast<void>(pe::read_guard_table(image, **config, pe::LoadConfigField::guard_cf_function_table,
                                           pe::LoadConfigField::guard_cf_function_count, sink));
    forget(pe::read_chpe(image, **config, sink));
}

void try_resources(const pe::Image& image, finding::Sink& sink) {
    auto resources = pe::read_resources(image, sink);
    forget(resources);
    if (!resources) return;
    // As many as a reader of the two single resources would look at: the tree may name the same bytes thousands of times.
    std::size_t left = 4;
    for (const pe::Resource& resource : resources->resources) {
        if (left-- == 0) break;
        for (const pe::ResourceId& id : resource.path) static_cast<void>(id.name());
        forget(pe::read_version_info(resource.data));
        forget(pe::read_manifest(resource.data));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    finding::Sink sink;
    auto source = Source::from_foreign("fuzz", std::as_bytes(std::span(data, size)), {});
    auto image = pe::Image::parse(source, source->view(), sink);
    forget(image);
    if (!image) return 0;
    forget(pe::read_symbols(*image, sink));
    forget(pe::read_imports(*image, sink));
    forget(pe::read_delay_imports(*image, sink));
    forget(pe::read_bound_imports(*image, sink));
    forget(pe::read_exports(*image, sink));
    if (auto relocations = pe::read_relocations(*image, sink)) {
        pe::visit_relocations(*image, *relocations, [](const pe::Relocation&) { return true; });
    }
    auto debug = pe::read_debug_directory(*image, sink);
    forget(debug);
    if (debug && debug->codeview) static_cast<void>(debug->codeview->key());
    try_load_config(*image, sink);
    forget(pe::read_tls(*image, sink));
    try_resources(*image, sink);
    forget(pe::read_clr(*image, sink));
    forget(pe::read_rich_header(*image, sink));
    forget(pe::read_certificates(*image, sink));
    forget(pe::check_checksum(*image, sink));
    forget(pe::read_hardening(*image, sink));
    static_cast<void>(pe::find_overlay(*image));
    return 0;
}
