#include "loader/go_functions.h"

#include <algorithm>
#include <array>

#include "base/checked.h"
#include "elf/spec.h"
#include "golang/buildinfo.h"
#include "golang/module_data.h"
#include "object/go_memory.h"

namespace abiscope::loader {

namespace {

// Those of https://pkg.go.dev/std that lie in no other one's folder.
constexpr std::array standard_packages = {
    "archive",  "arena",    "bufio",   "bytes",   "cmp",    "compress", "container", "context", "crypto",  "database", "debug",
    "embed",    "encoding", "errors",  "expvar",  "flag",   "fmt",      "go",        "hash",    "html",    "image",    "index",
    "internal", "io",       "iter",    "log",     "maps",   "math",     "mime",      "net",     "os",      "path",     "plugin",
    "reflect",  "regexp",   "runtime", "simd",    "slices", "sort",     "strconv",   "strings", "structs", "sync",     "syscall",
    "testing",  "text",     "time",    "unicode", "unique", "unsafe",   "vendor",    "weak",
};

constexpr std::string_view runtime_folder = "runtime/";

template <typename Visit>
void each_function(const std::vector<golang::FoundModule>& modules, Visit visit) {
    for (const golang::FoundModule& found : modules) {
        for (std::uint32_t i = 0; i < found.table.size(); ++i) {
            auto function = found.table.at(i);
            if (function && function->end > function->entry) visit(found.table, *function);
        }
    }
}

// In front of the paths of the standard library's files: "/usr/lib/go-1.19/src/", nothing with -trimpath.
std::string_view library_folder(const std::vector<golang::FoundModule>& modules) {
    std::string_view folder;
    each_function(modules, [&](const golang::PclnTable& table, const golang::Function& function) {
        if (table.name(function) != "runtime.main") return;
        std::string_view file = table.file(function, function.entry);
        std::size_t at = file.rfind(runtime_folder);
        if (at != std::string_view::npos) folder = file.substr(0, at);
    });
    return folder;
}

bool is_standard(std::string_view file, std::string_view folder) {
    if (!file.starts_with(folder)) return false;
    if (!folder.empty()) return true;
    return std::ranges::find(standard_packages, file.substr(0, file.find('/'))) != standard_packages.end();
}

}  // namespace

GoTables::GoTables(const elf::Image& image, const std::vector<elf::Section>& sections)
    : image_(&image), worth_it_(sections.empty() || std::ranges::any_of(sections, [](const elf::Section& section) {
                                    // ".gopclntab", and ".data.rel.ro.gopclntab" of a PIE.
                                    return section.name.ends_with("gopclntab");
                                })) {}

const GoTables::Found& GoTables::found() {
    if (!found_) {
        golang::RangeMemory memory = object::go_memory(*image_);
        finding::Sink unheard;   // inspect reports what is wrong with the tables
        auto modules = golang::find_modules(memory, std::nullopt, unheard);
        found_.emplace(Found{.memory = std::move(memory), .modules = std::move(modules)});
    }
    return *found_;
}

std::vector<disasm::Function> GoTables::functions() {
    std::vector<disasm::Function> out;
    if (!worth_it_) return out;
    each_function(modules(), [&](const golang::PclnTable& table, const golang::Function& function) {
        // A table between relocated data lies in a copy that goes away with these; names are the same in the file.
        View in_file = image_->bytes().clamped(table.bytes().file_offset(), table.bytes().size());
        std::string_view name = table.name(function);
        auto offset = static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(name.data()) - table.bytes().data());
        bool there = !name.empty() && range_fits(offset, name.size(), in_file.size());
        name = there ? std::string_view(reinterpret_cast<const char*>(in_file.data()) + offset, name.size()) : std::string_view();
        out.push_back({function.entry, function.end - function.entry, name});
    });
    return out;
}

GoStandardCode::GoStandardCode(const elf::Image& image, GoTables& tables) {
    std::uint16_t machine = image.header().machine;
    if (!tables.worth_it() || (machine != elf::em_x86_64 && machine != elf::em_aarch64)) return;
    if (machine == elf::em_aarch64) {
        auto build = golang::read_build_info(tables.memory());
        // Before Go 1.23 there was no such setting.
        std::string level = build ? build->setting("GOARM64") : std::string();
        if (!level.empty() && level != "v8.0") return;
    }
    const std::vector<golang::FoundModule>& modules = tables.modules();
    std::string_view folder = library_folder(modules);
    each_function(modules, [&](const golang::PclnTable& table, const golang::Function& function) {
        if (!is_standard(table.file(function, function.entry), folder)) return;
        bool next = !ranges_.empty() && ranges_.back().address + ranges_.back().size == function.entry;
        if (!next) ranges_.push_back({function.entry, 0});
        ranges_.back().size += function.end - function.entry;
    });
    std::ranges::sort(ranges_, {}, &disasm::AddressRange::address);
}

bool GoStandardCode::contains(std::uint64_t address) const {
    auto next = std::ranges::upper_bound(ranges_, address, {}, &disasm::AddressRange::address);
    return next != ranges_.begin() && range_contains(std::prev(next)->address, std::prev(next)->size, address);
}

bool go_never_returns(std::string_view function) {
    constexpr std::array prefixes = {"runtime.panic", "runtime.goPanic", "runtime.gopanic", "runtime.throw", "runtime.fatal"};
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return function.starts_with(prefix); });
}

}  // namespace abiscope::loader
