// Any bytes as a file of Go: tokens, declarations, constants, build constraints, types and their layout on two processors.
#include <cstddef>
#include <cstdint>
#include <string>

#include "abi/call.h"
#include "abi/go_layout.h"
#include "abi/layout.h"
#include "abi/profile_catalogue.h"
#include "abi/type_name.h"
#include "source/go_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    static const auto wide = abi::find_profile("go-amd64"), narrow = abi::find_profile("go0-386");
    if (!wide || !narrow) __builtin_trap();
    source::GoSource source({{"fuzz.go", std::string(reinterpret_cast<const char*>(data), size)}}, {"tag"});
    for (const auto* profile : {&*wide, &*narrow}) {
        auto declared = source.declarations(*profile);
        if (!declared) continue;
        const source::Declarations& found = **declared;
        for (const auto* list : {&found.roots, &found.others}) {
            for (abi::TypeId id : *list) {
                static_cast<void>(abi::title(found.types, id));
                auto layout = abi::lay_out(found.types, id, *profile);
                if (!layout) continue;
                auto pointers = abi::go_pointers(found.types, id, *profile);
                if (pointers && pointers->bytes > layout->size) __builtin_trap();
            }
        }
        for (const abi::Signature& signature : found.functions) static_cast<void>(abi::place_call(found.types, signature, *profile));
    }
    return 0;
}
