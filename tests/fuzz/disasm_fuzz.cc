// Any bytes as code: the sweep, the walks over it, and the promise that the fast x86 path says what Zydis says.
//
// Input: the architecture, how the code is divided into functions, then code.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "disasm/decoder.h"
#include "disasm/lacking_walk.h"
#include "disasm/must_execute.h"
#include "disasm/sweep.h"
#include "disasm/sweep_raw.h"
#include "disasm/x86_fast.h"

namespace {

using namespace abiscope;
using namespace abiscope::disasm;

constexpr std::uint64_t base = 0x401000;

void insist(bool holds) {
    if (!holds) __builtin_trap();
}

void compare_with_zydis(Architecture architecture, std::span<const std::byte> code) {
    x86::FastDecoder fast(architecture);
    for (std::size_t at = 0; at < code.size(); ++at) {
        x86::Measure wanted = fast.plain().measure(code.data() + at, code.size() - at);
        insist(fast.measure(code.data() + at, code.size() - at) == wanted);
        if (code.size() - at < x86::fast_read_ahead) continue;
        x86::Step step = fast.wide() ? x86::plain_step<true>(code.data() + at) : x86::plain_step<false>(code.data() + at);
        if (step.plain)
            insist(wanted == x86::Measure{.length = static_cast<std::uint8_t>(step.length), .code = 0, .landmark = Landmark::none});
    }
}

void walk(const Code& code) {
    auto decoder = Decoder::create(code.architecture(), code.order());
    if (!decoder) return;
    std::vector<std::uint64_t> roots;
    for (const Function& function : code.functions()) roots.push_back(function.address);
    LackingWalkOptions lacking;
    lacking.world.lacking.insert(Feature::avx2);
    lacking.world.load = [](std::uint64_t address, unsigned) { return KnownBits{.zero = address, .one = 0}; };
    lacking.max_instructions = 1000;
    if (is_x86(code.architecture())) static_cast<void>(walk_lacking(code, *decoder, roots, lacking));
    WalkOptions options;
    options.max_instructions = 1000;
    options.slot = [](std::uint64_t slot) { return Callee{.kind = static_cast<Callee::Kind>(slot % 5), .address = base + slot % 64}; };
    static_cast<void>(must_execute(code, *decoder, base, options));
    for (std::uint64_t at = 0; at < 64; ++at) static_cast<void>(decoder->decode(code.bytes_at(base + at).bytes(), base + at));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    auto architecture = static_cast<Architecture>(data[0] % (static_cast<unsigned>(Architecture::sparc64) + 1));
    std::uint64_t stride = data[1];
    std::vector<std::byte> bytes(size - 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(data[i + 2]);
    std::vector<Function> functions;
    for (std::uint64_t at = 0; stride != 0 && at < bytes.size(); at += stride)
        functions.push_back({base + at, at % 3 == 0 ? stride : 0, "f"});
    Code code(architecture, {{View(bytes, 0), base}}, functions, {{base + bytes.size() / 2, stride % 7}});
    Sweep result = sweep(code);
    insist(result.bytes_swept + result.bytes_data == bytes.size());
    for (const FeatureUse& use : result.uses) insist(use.count + use.doubtful == 0 || use.first.address - base < bytes.size());
    if (is_x86(architecture)) {
        compare_with_zydis(architecture, bytes);
        insist(sweep_raw(code, 1) == sweep_raw(code));   // how the work is divided changes nothing
    }
    walk(code);
    return 0;
}
