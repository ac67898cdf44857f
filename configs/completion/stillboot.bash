# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of stillboot's command line in bash. tests/cli/test_completion.py compares the words
# with what `stillboot --help` and `stillboot COMMAND --help` say.

# The options of a command; without one, of all.
_stillboot_options() {
	local common='--root --dry-run --policy --verbose --help'
	local places='--all-disks --dir --image'
	local target='--kernel --initrd --cmdline --reuse-cmdline --all-disks --append'
	case $1 in
	list) echo "$common --json --explain $places --watch --set-default --set-oneshot" ;;
	menu) echo "$common --console --timeout --all-disks --dir" ;;
	show) echo "$common --json $places" ;;
	devices) echo "$common --json --pci-dump --drift" ;;
	audit) echo "$common --json --modules" ;;
	plan) echo "$common --json --pci-dump --explain --diff" ;;
	policy) echo "$common --json --update" ;;
	unlock) echo "$common --all-disks --key-file --close" ;;
	settings) echo "$common --json $places" ;;
	keep) echo "$common --kernel --initrd --cmdline --all-disks --remove" ;;
	load) echo "$common $target" ;;
	exec) echo "$common $target --force --loaded --unattended" ;;
	reboot) echo "$common $target --force --now --wait --when --message --no-wall" ;;
	enable) echo "$common --reboot" ;;
	refresh) echo "$common --stopping" ;;
	quiesce) echo "$common --json --force --unattended --budget" ;;
	save) echo "$common --force" ;;
	crash) echo "$common $target --force --if-needed --json --to --then --makedumpfile --key-file" ;;
	preinit) echo "$common --json --force" ;;
	report) echo "$common --json --history" ;;
	status) echo "$common --json" ;;
	unload | rebind | disable) echo "$common" ;;
	*) echo "$common --version" ;;
	esac
}

_stillboot_commands='menu list show devices audit plan policy unlock settings keep load unload exec reboot enable disable status refresh quiesce save preinit crash rebind report'

# The ids of this machine's entries, one a line.
_stillboot_entries() {
	stillboot list 2>/dev/null | sed -n 's/^[* ] \([^ ]\{1,\}\) .*/\1/p'
}

_stillboot_settings='timeout default order hidden language consoles password'

# The usual values of a setting, one a line.
_stillboot_values() {
	case $1 in
	timeout) printf '%s\n' never 0 3 5 10 30 ;;
	default)
		printf '%s\n' last newest
		_stillboot_entries
		;;
	hidden) printf '%s\n' show hide ;;
	password) echo - ;;
	esac
}

# NAME or NAME=VALUE.
_stillboot_setting() {
	local name=${cur%%=*}

	if [[ $cur != *=* ]]; then
		compopt -o nospace 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -W "$_stillboot_settings" -- "$cur")
		return
	fi
	_stillboot_words < <(_stillboot_values "$name" | sed "s/^/$name=/")
	declare -F __ltrim_colon_completions >/dev/null && COMPREPLY=("${COMPREPLY[@]#"$name="}")
}

# What can stand behind an option or as an argument: lines in COMPREPLY.
_stillboot_words() {
	local word
	COMPREPLY=()
	while read -r word; do
		[[ $word == "$cur"* ]] && COMPREPLY+=("$word")
	done
}

# Names of files (-f) or folders (-d).
_stillboot_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

# A folder, perhaps behind what it is called: UUID=X:DIR, LABEL=X,sda1:DIR.
_stillboot_directory() {
	local names=''
	if [[ $cur == *:* ]]; then
		names=${cur%%:*}:
		cur=${cur#*:}
	fi
	_stillboot_files -d
	COMPREPLY=("${COMPREPLY[@]/#/$names}")
	cur=$names$cur
	_stillboot_colons
}

# Bash takes a colon for the end of a word and wants only what follows it.
_stillboot_colons() {
	declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
}

_stillboot() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' argument='' skip='' removes='' word
	# With bash-completion a slot is one word in spite of its colons, and so is UUID=X:DIR.
	declare -F _get_comp_words_by_ref >/dev/null && _get_comp_words_by_ref -n := cur prev
	COMPREPLY=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		if [ -n "$skip" ]; then
			skip=
			continue
		fi
		case $word in
		--root | --policy | --pci-dump | --diff | --modules | --dir | --set-default | \
			--set-oneshot | --kernel | --initrd | --cmdline | --key-file | --image | \
			--console | --timeout | --append | --when | --message | --reboot | \
			--budget | --to | --then | --makedumpfile) skip=1 ;;
		--remove) removes=1 ;;
		-*) ;;
		*)
			if [ -z "$command" ]; then
				command=$word
			else
				argument=${argument:-$word}
			fi
			;;
		esac
	done
	case $prev in
	--root | --modules)
		_stillboot_files -d
		return
		;;
	--policy | --pci-dump | --diff | --kernel | --initrd | --key-file | --image | --console)
		_stillboot_files -f
		return
		;;
	--dir)
		_stillboot_directory
		return
		;;
	--set-default | --set-oneshot)
		_stillboot_words < <(_stillboot_entries)
		return
		;;
	--when)
		_stillboot_words < <(printf '%s\n' +30 +5m cancel)
		return
		;;
	--reboot)
		_stillboot_words < <(printf '%s\n' firmware kexec)
		return
		;;
	--to)
		_stillboot_files -d
		return
		;;
	--then)
		_stillboot_words < <(printf '%s\n' poweroff reboot shell)
		return
		;;
	--cmdline | --timeout | --append | --message | --budget | --makedumpfile) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_stillboot_options "$command")" -- "$cur")
		return
	fi
	case $command:$argument in
	:) mapfile -t COMPREPLY < <(compgen -W "$_stillboot_commands" -- "$cur") ;;
	policy:) mapfile -t COMPREPLY < <(compgen -W 'check list test' -- "$cur") ;;
	crash:) mapfile -t COMPREPLY < <(compgen -W 'load save status unload' -- "$cur") ;;
	crash:load) _stillboot_words < <(_stillboot_entries) ;;
	policy:check) _stillboot_files -f ;;
	policy:test) _stillboot_files -d ;;
	plan:)
		_stillboot_words < <(ls /sys/bus/pci/devices 2>/dev/null)
		_stillboot_colons
		;;
	unlock:) _stillboot_files -f ;;
	settings:*) _stillboot_setting ;;
	keep:)
		[ -z "$removes" ] || _stillboot_words < <(_stillboot_entries | grep '^stillboot-')
		;;
	keep:?*) _stillboot_words < <(_stillboot_entries) ;;
	show: | load: | exec: | reboot:) _stillboot_words < <(_stillboot_entries) ;;
	esac
}

complete -F _stillboot stillboot
