/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest kernel modules that register a PCI driver: seeds of fuzz_module, in
 * corpus/module, and what tests/unit/test_audit.c looks at. Made by
 *
 *   gcc -c -DVERSION='"6.1.0-56-amd64"' -DNODE -DREMOVE=stop module.S -o corpus/module/old
 *   gcc -c -DVERSION='"6.12.117+deb12-amd64"' -DLEA -DSHUTDOWN=stop module.S -o corpus/module/new
 *   gcc -c -DVERSION='"6.1.0-56-amd64"' -DNODE -DREMOVE=stop -DCOMEDI module.S -o corpus/module/comedi
 *
 * NODE: struct pci_driver begins with a list node, as it did up to 6.5.
 */
#ifndef REMOVE
#define REMOVE 0
#endif
#ifndef SHUTDOWN
#define SHUTDOWN 0
#endif

	.section .modinfo, "a"
	.asciz "license=GPL"
	.ascii "vermagic="
	.ascii VERSION
	.asciz " SMP preempt mod_unload modversions "

	.section .rodata.str1.1, "aMS", @progbits, 1
text:	.asciz "not the driver"
name:	.asciz "tiny"

	.text
	.type stop, @function
stop:	ret
	.size stop, . - stop

	.data
	.quad text	/* printk's text is no driver, though a pointer to a string stands here */
driver:
#ifdef NODE
	.quad 0, 0
#endif
	.quad name, 0, stop, REMOVE, 0, 0, SHUTDOWN
	.space 200

	.section .init.text, "ax"
	.globl init_module
	.type init_module, @function
init_module:
	mov $__this_module, %rdx
#if defined(COMEDI)
	mov $driver, %rsi
	mov $text, %rdi
	jmp comedi_pci_driver_register
#elif defined(LEA)
	lea driver(%rip), %rdi
	lea text(%rip), %rdi
	call printk
	call __pci_register_driver
#else
	mov $driver, %rdi
	mov $text, %rdi
	call __pci_register_driver
#endif
	ret
	.size init_module, . - init_module
