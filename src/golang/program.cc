#include "golang/program.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "golang/version.h"

namespace abiscope::golang {

using finding::Evidence;
using finding::Finding;

namespace {

std::string_view format_text(PclnFormat format) {
    switch (format) {
        case PclnFormat::go1_16: return "1.16 or 1.17";
        case PclnFormat::go1_18: return "1.18 or 1.19";
        case PclnFormat::go1_20: return "1.20 or later";
    }
    return "";
}

// The string that is the version, or nothing when several could be.
std::optional<VersionString> build_version(const Memory& memory, const Module& module, ReleaseRange shape) {
    std::vector<VersionString> strings = find_version_strings(memory, module);
    std::erase_if(strings, [&](const VersionString& one) {
        Release release = *parse_release(one.text);
        return release <= newest_release && !shape.contains(release);
    });
    if (strings.size() != 1) return std::nullopt;
    return strings.front();
}

Version find_version(const Memory& memory, const FoundModule& main, const std::optional<BuildInfo>& build) {
    const Module& module = main.module;
    Version out;
    out.because.push_back(fmt::format("the table of functions is that of Go {}", format_text(main.table.header().format)));
    out.shape = module.fits;
    if (module.shape_known) out.because.push_back(fmt::format("the module data is laid out as in Go {}", module.fits.to_string()));
    out.shape = releases_by_function_ids(main.table, out.shape);
    if (out.shape != module.fits)
        out.because.push_back(fmt::format("the runtime's functions are numbered as in Go {}", out.shape.to_string()));
    if (build && !build->version.empty()) {
        out.source = VersionSource::build_info;
        out.text = build->version;
        out.file_offset = build->file_offset;
    } else if (auto found = build_version(memory, module, out.shape)) {
        out.source = VersionSource::build_version;
        out.text = found->text;
        out.file_offset = memory.at(found->address).file_offset();
        out.because.insert(out.because.begin(), fmt::format("one string of the data, at {:#x}, is a version of Go", found->address));
    } else if (module.shape_known) {
        out.source = VersionSource::shape;
    }
    out.release = parse_release(out.text);
    return out;
}

void report(const Program& program, finding::Sink& sink) {
    const Version& version = program.version();
    const Module& module = program.main().module;
    auto evidence = [&] {
        return Evidence::value("go/version", version.file_offset.value_or(module.file_offset.value_or(0)), version.text.size(),
                               version.text.empty() ? "Go " + version.shape.to_string() : version.text);
    };
    if (version.release && *version.release > newest_release) {
        sink.add(Finding(finding::RuleId::GO_VERSION_NEWER_THAN_DATA, evidence())
                     .with("version", text::printable(version.text))
                     .with("newest", newest_release.to_string()));
    }
    if (version.source != VersionSource::build_info) {
        Finding finding(finding::RuleId::GO_BUILD_INFO_MISSING, Evidence::absence("go/buildinfo", "the program's data"));
        finding.with("version", version.text.empty() ? "Go " + version.shape.to_string() : text::printable(version.text));
        for (const std::string& reason : version.because)
            finding.add(Evidence::derived("go/version", reason).as(finding::EvidenceRole::supports));
        sink.add(std::move(finding));
    }
}

}  // namespace

std::string_view to_string(VersionSource source) {
    switch (source) {
        case VersionSource::unknown: return "unknown";
        case VersionSource::build_info: return "build information";
        case VersionSource::build_version: return "runtime.buildVersion";
        case VersionSource::shape: return "shape of its tables";
    }
    return "";
}

Result<Program> Program::open(const Memory& memory, const std::optional<BuildInfo>& build, finding::Sink& sink) {
    Program out;
    out.memory_ = &memory;
    out.modules_ = find_modules(memory, build ? parse_release(build->version) : std::nullopt, sink);
    if (out.modules_.empty()) return fail(ErrorCode::not_found, "no Go program: no table of functions with module data that points at it");
    out.version_ = find_version(memory, out.main(), build);
    Release wanted = out.version_.release.value_or(out.version_.shape.first);
    out.release_ = std::clamp(wanted, oldest_release, newest_release);
    // What the bytes contradict is not believed.
    const ReleaseRange& shape = out.version_.shape;
    if (out.main().module.shape_known && !shape.contains(out.release_))
        out.release_ = out.release_ < shape.first ? shape.first : shape.last;
    report(out, sink);
    return out;
}

const FoundModule* Program::module_at(std::uint64_t pc) const {
    for (const FoundModule& one : modules_) {
        if (one.module.text.contains(pc)) return &one;
    }
    return nullptr;
}

TypeReader Program::types(const FoundModule& module) const {
    return TypeReader(*memory_, module.module, release_, version_.text.find("noswissmap") != std::string::npos);
}

std::size_t Program::frames(const FoundModule& module, const Function& function, std::uint64_t pc, std::span<SourceFrame> out) const {
    auto tree = module.table.funcdata(function, FuncData::inline_tree);
    return module.table.frames(function, pc, tree ? memory_->at(*tree) : View(), out);
}

std::string package_of(std::string_view function) {
    // Names the linker makes: type:.eq..., go:string.* (type..eq. before 1.20).
    for (std::string_view made : {"type:", "go:", "type..", "go.", "_cgo"}) {
        if (function.starts_with(made) && (made != "go." || function.find('/') == std::string_view::npos)) return {};
    }
    std::string_view name = function.substr(0, function.find('['));   // type arguments have paths of their own
    std::size_t slash = name.rfind('/');
    std::size_t from = slash == std::string_view::npos ? 0 : slash + 1;
    std::size_t dot = name.find('.', from);
    if (dot == std::string_view::npos) return {};
    std::string out(name.substr(0, dot));
    for (std::size_t at = out.find("%2e", from); at != std::string::npos; at = out.find("%2e", at)) out.replace(at, 3, ".");
    return out;
}

}  // namespace abiscope::golang
