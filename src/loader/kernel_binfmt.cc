#include "loader/kernel_binfmt.h"

#include "loader/kernel_elf.h"

namespace abiscope::loader {

namespace {

bool magic_matches(const target::BinfmtHandler& handler, std::string_view buffer) {
    if (handler.magic.empty() || !range_fits(handler.offset, handler.magic.size(), buffer.size())) return false;
    for (std::size_t i = 0; i < handler.magic.size(); ++i) {
        auto difference = static_cast<unsigned char>(buffer[handler.offset + i] ^ handler.magic[i]);
        auto mask = i < handler.mask.size() ? static_cast<unsigned char>(handler.mask[i]) : 0xffU;
        if ((difference & mask) != 0) return false;
    }
    return true;
}

}  // namespace

const target::BinfmtHandler* find_binfmt(const target::Kernel& kernel, std::string_view path, View file) {
    ExecBuffer buffer = exec_buffer(file);
    std::string_view bytes = View(buffer, 0).as_text();
    auto dot = path.rfind('.');
    for (const target::BinfmtHandler& handler : kernel.binfmt) {
        if (!handler.enabled) continue;
        if (handler.extension.empty() ? magic_matches(handler, bytes)
                                      : dot != std::string_view::npos && path.substr(dot + 1) == handler.extension) {
            return &handler;
        }
    }
    return nullptr;
}

}  // namespace abiscope::loader
