// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faulty - a driver for QEMU's "edu" device that has the failures of the field on demand
 *
 * The device (QEMU, docs/specs/edu.txt): register 0x00 identifies it, writing bits to 0x60 raises
 * an interrupt status, which asserts INTx until the same bits are written to 0x64. A bus reset
 * lowers the line but leaves the registers alone.
 *
 * With fragile=1 this is the driver of the next kernel: it asks for nothing, and an interrupt that
 * arrives all the same can only come from the previous kernel's context. It panics, as drivers do
 * that meet a completion they know nothing about.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8

#define EDU_ID 0x00
#define EDU_IRQ_STATUS 0x24
#define EDU_IRQ_RAISE 0x60
#define EDU_IRQ_ACK 0x64

#define EDU_ID_MASK 0xff
#define EDU_ID_VALUE 0xed

/* Which status bit means what is the driver's own choice. */
#define IRQ_LEFT BIT(0)  /* raised in probe(), never acknowledged while bound */
#define IRQ_FLUSH BIT(1) /* raised in remove() by remove=waits */

#define FLUSH_TIMEOUT (5 * HZ)
#define STRAY_WAIT_MS 500

static char *remove = "clean";
module_param(remove, charp, 0444);
MODULE_PARM_DESC(remove,
	"what remove() does: clean; nothing (frees the interrupt with the line as it is); "
	"waits (for an interrupt of its own, panics without it); hangs (never returns)");

static bool asserted;
module_param(asserted, bool, 0444);
MODULE_PARM_DESC(asserted, "raise an interrupt and leave it asserted, as a driver that polls does");

static bool shutdown;
module_param(shutdown, bool, 0444);
MODULE_PARM_DESC(shutdown, "have a shutdown(); it does what remove=clean does");

static unsigned int slow_ms;
module_param(slow_ms, uint, 0444);
MODULE_PARM_DESC(slow_ms, "sleep that long in remove() and shutdown()");

static bool delicate;
module_param(delicate, bool, 0444);
MODULE_PARM_DESC(delicate, "panic in remove() if the device was reset while bound");

static bool no_remove;
module_param(no_remove, bool, 0444);
MODULE_PARM_DESC(no_remove,
	"have no remove(): managed resources free the interrupt and the registers, and the device "
	"is left as it is, bus mastering included");

static char *only;
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "have the faults in this slot only (dddd:bb:dd.f)");

static bool fragile;
module_param(fragile, bool, 0444);
MODULE_PARM_DESC(fragile, "panic on any interrupt: the driver of the next kernel");

struct faulty {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct completion left, flushed;
	bool was_reset;
};

static bool faulty_has_faults(struct pci_dev *pdev)
{
	return !only || !strcmp(only, pci_name(pdev));
}

static irqreturn_t faulty_fragile_irq(int irq, void *data)
{
	struct faulty *f = data;

	panic("faulty %s: interrupt from the previous kernel's context", pci_name(f->pdev));
	return IRQ_HANDLED;
}

static irqreturn_t faulty_irq(int irq, void *data)
{
	struct faulty *f = data;
	u32 status = readl(f->regs + EDU_IRQ_STATUS);

	if (status & IRQ_FLUSH) {
		writel(IRQ_FLUSH, f->regs + EDU_IRQ_ACK);
		complete(&f->flushed);
	}
	if (status & IRQ_LEFT) {
		/* From here on the driver would poll: the line stays up, the kernel masks it. */
		disable_irq_nosync(irq);
		complete(&f->left);
	}
	return status & (IRQ_FLUSH | IRQ_LEFT) ? IRQ_HANDLED : IRQ_NONE;
}

static int faulty_start(struct faulty *f)
{
	if (fragile) {
		/* A stray interrupt comes at once or when the line is next looked at. */
		msleep(STRAY_WAIT_MS);
		pci_notice(f->pdev, "faulty: no stray interrupt\n");
		return 0;
	}
	if (!asserted || !faulty_has_faults(f->pdev))
		return 0;
	writel(IRQ_LEFT, f->regs + EDU_IRQ_RAISE);
	if (!wait_for_completion_timeout(&f->left, FLUSH_TIMEOUT)) {
		pci_err(f->pdev, "faulty: the device raised no interrupt\n");
		return -EIO;
	}
	pci_info(f->pdev, "faulty: interrupt left asserted\n");
	return 0;
}

static int faulty_map(struct faulty *f)
{
	struct pci_dev *pdev = f->pdev;
	int rc;

	rc = pci_enable_device(pdev);
	if (rc)
		return rc;
	rc = pci_request_regions(pdev, "faulty");
	if (rc)
		goto disable;
	f->regs = pci_iomap(pdev, 0, 0);
	if (!f->regs) {
		rc = -ENOMEM;
		goto release;
	}
	pci_set_master(pdev);
	return 0;
release:
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
	return rc;
}

static void faulty_unmap(struct faulty *f)
{
	pci_iounmap(f->pdev, f->regs);
	pci_release_regions(f->pdev);
}

/* All that the kernel wants back; the device does not notice. */
static void faulty_release(void *data)
{
	struct faulty *f = data;

	free_irq(f->pdev->irq, f);
	faulty_unmap(f);
}

static int faulty_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct faulty *f;
	int rc;

	f = devm_kzalloc(&pdev->dev, sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->pdev = pdev;
	init_completion(&f->left);
	init_completion(&f->flushed);
	rc = faulty_map(f);
	if (rc)
		return rc;
	if ((readl(f->regs + EDU_ID) & EDU_ID_MASK) != EDU_ID_VALUE) {
		rc = -ENODEV;
		goto unmap;
	}
	pci_set_drvdata(pdev, f);
	/* A fragile driver must not panic on a neighbour's interrupt, so it does not share. */
	rc = request_irq(pdev->irq, fragile ? faulty_fragile_irq : faulty_irq,
		fragile ? 0 : IRQF_SHARED, "faulty", f);
	if (rc)
		goto unmap;
	rc = faulty_start(f);
	if (!rc && no_remove)
		rc = devm_add_action(&pdev->dev, faulty_release, f);
	if (rc)
		goto free;
	return 0;
free:
	writel(IRQ_LEFT, f->regs + EDU_IRQ_ACK);
	free_irq(pdev->irq, f);
unmap:
	faulty_unmap(f);
	pci_disable_device(pdev);
	return rc;
}

static void faulty_flush(struct faulty *f)
{
	writel(IRQ_FLUSH, f->regs + EDU_IRQ_RAISE);
	if (!wait_for_completion_timeout(&f->flushed, FLUSH_TIMEOUT))
		panic("faulty %s: the interrupt that remove() waits for never came",
			pci_name(f->pdev));
	pci_info(f->pdev, "faulty: remove() got the interrupt that it waits for\n");
}

/* A device that is reset behind its driver's back has lost what the driver put into it. */
static void faulty_check_untouched(struct faulty *f)
{
	u16 command;

	pci_read_config_word(f->pdev, PCI_COMMAND, &command);
	if (f->was_reset || !(command & PCI_COMMAND_MEMORY) || !(command & PCI_COMMAND_MASTER))
		panic("faulty %s: the device was reset under its driver", pci_name(f->pdev));
	pci_info(f->pdev, "faulty: never reset while bound\n");
}

static void faulty_quiet(struct faulty *f)
{
	writel(IRQ_LEFT | IRQ_FLUSH, f->regs + EDU_IRQ_ACK);
}

static void faulty_misbehave(struct faulty *f)
{
	if (slow_ms) {
		pci_info(f->pdev, "faulty: remove() takes its time\n");
		msleep(slow_ms);
	}
	if (delicate)
		faulty_check_untouched(f);
	if (!strcmp(remove, "hangs")) {
		pci_info(f->pdev, "faulty: remove() never returns\n");
		for (;;)
			schedule_timeout_uninterruptible(HZ);
	}
	if (!strcmp(remove, "waits"))
		faulty_flush(f);
	if (strcmp(remove, "nothing"))
		faulty_quiet(f);
}

static void faulty_remove(struct pci_dev *pdev)
{
	struct faulty *f = pci_get_drvdata(pdev);

	if (faulty_has_faults(pdev))
		faulty_misbehave(f);
	else
		faulty_quiet(f);
	faulty_release(f);
	pci_disable_device(pdev);
}

static void faulty_shutdown(struct pci_dev *pdev)
{
	struct faulty *f = pci_get_drvdata(pdev);

	if (slow_ms && faulty_has_faults(pdev))
		msleep(slow_ms);
	if (shutdown)
		faulty_quiet(f);
}

static void faulty_reset_prepare(struct pci_dev *pdev)
{
	struct faulty *f = pci_get_drvdata(pdev);

	f->was_reset = true;
	pci_warn(pdev, "faulty: about to be reset while bound\n");
}

static const struct pci_error_handlers faulty_err_handler = {
	.reset_prepare = faulty_reset_prepare,
};

static const struct pci_device_id faulty_ids[] = {{PCI_DEVICE(EDU_VENDOR, EDU_DEVICE)}, {}};
MODULE_DEVICE_TABLE(pci, faulty_ids);

static struct pci_driver faulty_driver = {
	.name = "faulty",
	.id_table = faulty_ids,
	.probe = faulty_probe,
	.remove = faulty_remove,
	.err_handler = &faulty_err_handler,
};

static int __init faulty_init(void)
{
	/* Most drivers have none: that is the first fault. */
	if (shutdown || slow_ms)
		faulty_driver.shutdown = faulty_shutdown;
	if (no_remove)
		faulty_driver.remove = NULL;
	return pci_register_driver(&faulty_driver);
}
module_init(faulty_init);

static void __exit faulty_exit(void)
{
	pci_unregister_driver(&faulty_driver);
}
module_exit(faulty_exit);

MODULE_DESCRIPTION("Failures of the field on QEMU's edu device");
MODULE_LICENSE("GPL");
