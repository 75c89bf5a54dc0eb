#include "source/c_source.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "source/abi_switches.h"
#include "source/clang_module.h"

namespace abiscope::source {

namespace {

std::vector<std::string> flags_for(const CText& text, const abi::Profile& profile) {
    std::vector<std::string> flags;
    if (text.language == abi::Language::cxx) flags.push_back(fmt::format("-std=gnu++{}", profile.cxx_standard));
    // GCC for Windows takes Microsoft's extensions without being asked (`struct T;` in a struct is an anonymous member), clang does not.
    if (profile.compiler == abi::Compiler::gcc && profile.triple.contains("windows-gnu")) flags.emplace_back("-fms-extensions");
    std::ranges::move(switches_for_clang(text.flags, profile), std::back_inserter(flags));
    return flags;
}

ClangRequest request_for(const CText& text, const abi::Profile& profile, const std::vector<std::string>& flags) {
    ClangRequest request{.file = text.name,
                         .text = text.text,
                         .language = text.language,
                         .triple = profile.triple,
                         .gcc = profile.compiler == abi::Compiler::gcc,
                         .texts = text.texts,
                         .types = text.types,
                         .functions = text.functions,
                         .headers = {},
                         .flags = {}};
    bool freestanding = false;
    if (text.snippet) {
        request.file = text.language == abi::Language::cxx ? "snippet.cc" : "snippet.c";
        bool includes = text.text.find("#include") != std::string::npos || text.text.find("# include") != std::string::npos;
        freestanding = !includes;
        if (freestanding) request.flags.insert(request.flags.end(), {"-ffreestanding", "-nostdlibinc"});
        request.text = (includes ? std::string() : prelude_for(text.text, text.language)) + fmt::format("#line 1 \"{}\"\n", text.name) +
            text.text + "\n";
    }
    request.headers = compiler_headers(profile, freestanding);
    request.flags.insert(request.flags.end(), flags.begin(), flags.end());
    return request;
}

Result<std::shared_ptr<Declarations>> parse(const ClangRequest& request) {
    ABISCOPE_TRY(ClangRead read, open_clang());
    ClangAnswer answer;
    read(request, answer);
    if (answer.errors.empty()) return std::make_shared<Declarations>(std::move(answer.declarations));
    std::string words;
    for (const std::string& error : answer.errors) words += (words.empty() ? "" : "; ") + text::printable(error);
    return fail(ErrorCode::bad_value, words);
}

}  // namespace

Result<std::shared_ptr<const Declarations>> CSource::declarations(const abi::Profile& profile) {
    if (profile.compiler == abi::Compiler::go)
        return fail(ErrorCode::bad_usage, fmt::format("{} is an ABI of Go, and this is C or C++", profile.name));
    if (auto why = switch_against_layouts(text_.flags, profile)) return fail(ErrorCode::bad_usage, *std::move(why));
    bool calls_change = has_switch_against_calls(text_.flags, profile);
    std::vector<std::string> flags = flags_for(text_, profile);
    ClangRequest request = request_for(text_, profile, flags);
    std::string key =
        fmt::format("{} {} {} {}", profile.triple, request.gcc, text::join(flags, " "), calls_change ? profile.name : std::string());
    for (const CompilerHeader& header : request.headers) key += " " + header.name;
    if (auto at = known_.find(key); at != known_.end()) return at->second;
    auto parsed = parse(request);
    if (parsed && calls_change) refuse_changed_calls(text_.flags, profile, **parsed);
    known_.emplace(key, parsed);
    return parsed;
}

}  // namespace abiscope::source
